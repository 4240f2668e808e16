# Every library that the project links, all from Debian (cmake/debian-packages.txt).

list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")

find_package(Threads REQUIRED)
find_package(CAF 0.17 REQUIRED)
find_package(CapnProto CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(roaring CONFIG REQUIRED)
find_package(date CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(tl-expected CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(zstd CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost CONFIG REQUIRED COMPONENTS iostreams)

# Makes hhgrid::<name> from a header and a shared library that come without a usable package file.
function(hhgrid_find_plain_library name header library)
  find_path(${name}_include_dir ${header} REQUIRED)
  find_library(${name}_library ${library} REQUIRED)
  mark_as_advanced(${name}_include_dir ${name}_library)
  add_library(hhgrid::${name} UNKNOWN IMPORTED)
  set_target_properties(hhgrid::${name} PROPERTIES
    IMPORTED_LOCATION "${${name}_library}"
    INTERFACE_INCLUDE_DIRECTORIES "${${name}_include_dir}")
endfunction()

# RocksDB is linked statically: it counts in thread-local variables at every comparison of keys, and
# only then the linker makes plain memory accesses of them. The thread sanitizer can leave out what
# is a library of its own. RocksDB's own package file wants gflags and test tools; libzip's wants
# the zip tools.
set(rocksdb_file librocksdb.a)
if(HHGRID_SANITIZE MATCHES thread)
  set(rocksdb_file librocksdb.so)
endif()
hhgrid_find_plain_library(rocksdb rocksdb/db.h ${rocksdb_file})
hhgrid_find_plain_library(lz4 lz4.h liblz4.so)
find_package(BZip2 REQUIRED)
find_package(Snappy CONFIG REQUIRED)
target_link_libraries(hhgrid::rocksdb INTERFACE BZip2::BZip2 hhgrid::lz4 Snappy::snappy ZLIB::ZLIB
                                                zstd::libzstd_shared Threads::Threads)
hhgrid_find_plain_library(xxhash xxhash.h libxxhash.so)
hhgrid_find_plain_library(zip zip.h libzip.so)
hhgrid_find_plain_library(csv csv.h libcsv.so)
hhgrid_find_plain_library(systemd systemd/sd-daemon.h libsystemd.so)
hhgrid_find_plain_library(jemalloc jemalloc/jemalloc.h libjemalloc.so)

if(BUILD_TESTING)
  find_package(GTest CONFIG REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()
