#pragma once

#include <string>

namespace hhgrid::storage {

/// What went wrong in a store or journal.
enum class Errc {
  in_use,          ///< Another process has the directory open.
  newer_format,    ///< Written by a newer version of the program.
  older_format,    ///< Written by a version whose directories are no longer read.
  damaged,         ///< A record, file or checksum does not hold; the key says which.
  damaged_table,   ///< RocksDB could not read a file of the store; another read may be answered.
  missing_family,  ///< The store lacks a column family.
  foreign,         ///< Not a directory of this program, or of another grid.
  unknown,         ///< The grid is sound, and has no such actor, run or day.
  mismatch,        ///< What was asked for is not what is there: no grid, or one of another size.
  limit,           ///< The operating system allows too little, such as open files.
  no_space,        ///< The disk is full: nothing was stored, try again after space returns.
  io,              ///< The operating system refused.
  trimmed,         ///< The journal no longer holds that position.
  closed,          ///< Shut down.
  unanswered,      ///< Whoever was asked has not answered in time.
};

/// Whether the same write may be taken later, when the disk has room or answers again. Nothing else
/// gets better by waiting.
constexpr bool may_pass(Errc code) { return code == Errc::no_space || code == Errc::io; }

/// What is wrong with a format version that this program does not read: nobody ever wrote a 0.
inline Errc wrong_format(unsigned version, unsigned oldest) {
  if (version == 0) return Errc::damaged;
  return version < oldest ? Errc::older_format : Errc::newer_format;
}

/// An expected failure, with a full sentence naming path, key and cause.
struct Error {
  Errc code;
  std::string text;
};

}  // namespace hhgrid::storage
