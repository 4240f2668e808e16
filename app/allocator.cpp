// What the allocator, jemalloc, is told at its start; it looks for this symbol.
//
// The grid's working set is a few large tables that are read in no order, and memtables that come
// and go all the time. So huge pages, which spare most of the page faults and address look-ups, and
// a minute before freed memory is given back. On virtual machines both cost most.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:always,dirty_decay_ms:60000,muzzy_decay_ms:0";
}
