#pragma once

#include <string>

namespace hhgrid::net {

/// Why a file was not loaded, or not to its end. Bad rows are not errors: they are rejected one by
/// one.
enum class IngestErrc {
  not_found,          ///< No such file or folder, or it cannot be opened.
  unreadable,         ///< Reading or decompressing failed on the way.
  unknown_kind,       ///< The file name does not begin with a kind of file of the contract.
  not_supported_yet,  ///< A kind of the contract that this version does not load.
  bad_header,         ///< A column is unknown, missing or given twice, or the file is empty.
  refused,            ///< `--strict` and at least one row is bad: nothing was loaded.
  not_stored,         ///< The grid did not take what was read; the text is the store's.
  not_written,        ///< Rejected rows could not be written beside the file.
};

/// A full sentence that names the file and the cause.
struct IngestError {
  IngestErrc code;
  std::string text;
};

}  // namespace hhgrid::net
