// What the allocator, jemalloc, is told at its start; it looks for this symbol.
//
// The grid's working set is a few large tables that are read in no order, and memtables and
// messages of some MiB that come and go all the time. So huge pages, which spare most of the page
// faults and address look-ups, and ten minutes before freed memory is given back, large blocks as
// well (they would go at once); a thread of the allocator's own sees to it when the grid idles. On
// virtual machines page faults cost most, and giving back part of a huge page makes all that lies
// beside it fault again. Freed extents coalesce; by default one is split only for requests of at
// least a 64th of it, so the large ones of a grid that was closed lay unused while fresh pages were
// mapped for the next.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf =
    "thp:always,metadata_thp:always,dirty_decay_ms:600000,muzzy_decay_ms:0,oversize_threshold:0,"
    "lg_extent_max_active_fit:16,background_thread:true";
}
