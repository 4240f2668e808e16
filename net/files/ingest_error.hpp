#pragma once

#include <string>

#include <tl/expected.hpp>

namespace hhgrid::net {

/// Why a file was not loaded, or not to its end. Bad rows are not errors: they are rejected one by
/// one.
enum class IngestErrc {
  not_found,          ///< No such file or folder, or it cannot be opened.
  unreadable,         ///< Reading or decompressing failed on the way.
  unknown_kind,       ///< The file name does not begin with a kind of file of the contract.
  not_supported_yet,  ///< A kind of the contract that this version does not load.
  bad_header,         ///< A column is unknown, missing or given twice, or the file is empty.
  too_many_rejected,  ///< So much of the file was rejected that reading stopped.
  refused,            ///< `--strict` and at least one row is bad: nothing was loaded.
  not_stored,         ///< The grid did not take what was read; the text is the store's.
  not_written,        ///< Rejected rows could not be written beside the file.
};

/// A full sentence that names the file and the cause.
struct IngestError {
  IngestErrc code;
  std::string text;
};

/// A file that cannot be read on.
inline tl::unexpected<IngestError> unreadable(const std::string& name, const std::string& cause) {
  return tl::unexpected(IngestError{IngestErrc::unreadable, name + " cannot be read: " + cause});
}
/// A compressed file (`format`: gzip, zstd, zip) that is not whole; `said`: by its library.
inline tl::unexpected<IngestError> damaged(const std::string& name, const std::string& format,
                                           const std::string& said) {
  return unreadable(name,
                    "its " + format + " data is damaged or cut short (" + said + "); get it again");
}
/// A file that is not there or cannot be opened.
inline tl::unexpected<IngestError> not_found(const std::string& name, const std::string& cause) {
  return tl::unexpected(IngestError{IngestErrc::not_found, name + " cannot be opened: " + cause});
}

}  // namespace hhgrid::net
