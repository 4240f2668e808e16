#pragma once

#include <capnp/blob.h>
#include <kj/array.h>
#include <roaring/roaring.hh>

namespace hhgrid::actors {

/// A bitmap of meter numbers as records hold it: CRoaring's portable serialisation.
inline kj::Array<kj::byte> to_array(Roaring& bitmap) {
  bitmap.runOptimize();
  auto bytes = kj::heapArray<kj::byte>(bitmap.getSizeInBytes());
  bitmap.write(reinterpret_cast<char*>(bytes.begin()));
  return bytes;
}

/// Throws on bytes that are none.
inline Roaring from_bytes(capnp::Data::Reader bytes) {
  return Roaring::readSafe(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

}  // namespace hhgrid::actors
