#pragma once

#include <memory>

namespace hhgrid::actors {

/// A value that few of many objects have: it takes the others no more than a pointer. Copied with
/// what it belongs to.
template <class T>
class Seldom {
 public:
  Seldom() = default;
  Seldom(const Seldom& other)
      : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Seldom(Seldom&&) noexcept = default;
  Seldom& operator=(const Seldom& other) { return *this = Seldom(other); }
  Seldom& operator=(Seldom&&) noexcept = default;
  ~Seldom() = default;

  bool is_there() const { return value_ != nullptr; }
  /// The value, or that of an object which has none.
  const T& operator*() const {
    static const T none{};
    return value_ ? *value_ : none;
  }
  const T* operator->() const { return &**this; }
  /// Makes one when there is none.
  T& edit() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace hhgrid::actors
