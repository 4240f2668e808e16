#pragma once

// What comes in, as values. Each has an encode_ function that builds its Entry message and a
// decode_ function that is the inverse and trusts nothing: lengths, masks, ranges, unknown numbers
// and identifiers are all checked.
//
// Encoding: the words are valid until the next use of the scratch. Values must be within the limits
// given (asserted where a wrong one could not be read back); `copy_words` keeps them.
//
// Decoding: Errc::damaged with a sentence that names the field and its value, also when the entry
// is of another kind.

#include "storage/wire/consumption_codec.hpp"
#include "storage/wire/registration_codec.hpp"
#include "storage/wire/standing_codec.hpp"
