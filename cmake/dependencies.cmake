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

# RocksDB's own package file offers the static library first and wants six more -dev packages for it;
# libzip's wants the zip tools.
hhgrid_find_plain_library(rocksdb rocksdb/db.h librocksdb.so)
hhgrid_find_plain_library(xxhash xxhash.h libxxhash.so)
hhgrid_find_plain_library(zip zip.h libzip.so)
hhgrid_find_plain_library(csv csv.h libcsv.so)

if(BUILD_TESTING)
  find_package(GTest CONFIG REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()
