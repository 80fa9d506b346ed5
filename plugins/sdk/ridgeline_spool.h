/* SPDX-License-Identifier: Apache-2.0
 *
 * The spool: where a library that is injected into a process leaves its records for Ridgeline. One file a process and
 * plugin, written in blocks as they fill up: whatever ends the process, kill -9 included, costs at most the last block.
 *
 * C99 and POSIX. Define RIDGELINE_SPOOL_IMPLEMENTATION before including it in exactly one source file of the library.
 *
 *   RidgelineSpool* spool = ridgeline_spool_open("acme");    NULL: this process is not being recorded
 *   RidgelineKernel kernel = RIDGELINE_INIT(RidgelineKernel);
 *   ...
 *   ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &kernel);
 *   ridgeline_spool_close(spool);                            at exit
 *
 * Every function may be called by several threads at once, and with a NULL spool, which does nothing. A process that is
 * forked off begins a file of its own with its first record, and must send its devices and tracks again.
 *
 * The file: a RidgelineSpoolHeader, then blocks: a RidgelineSpoolBlock and its records. A record is a RidgelineWire and
 * a body of fixed layout, padded to 8 bytes; texts are numbers of RIDGELINE_WIRE_TEXT records that stand before their
 * first use in the file, 0 is NULL. Everything little-endian. Bodies only grow at the end: readers take what they know.
 */
#ifndef RIDGELINE_SPOOL_H
#define RIDGELINE_SPOOL_H

#include "ridgeline_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RIDGELINE_SPOOL_VARIABLE "RIDGELINE_SPOOL" /* names the folder */
#define RIDGELINE_SPOOL_SUFFIX ".spool"
#define RIDGELINE_SPOOL_VERSION 1u
#define RIDGELINE_SPOOL_BLOCK_MAGIC 0x4b4c4252u /* "RBLK" */
#define RIDGELINE_SPOOL_LARGEST_BLOCK (1u << 20)

typedef struct RidgelineSpool RidgelineSpool;

RidgelineSpool* ridgeline_spool_open(const char* plugin);
void ridgeline_spool_record(RidgelineSpool* spool, RidgelineRecordType type, const void* record);
/* Writes what is buffered. Called by itself when a block is full, or a record comes a quarter of a second after the
 * last time. */
void ridgeline_spool_flush(RidgelineSpool* spool);
/* No other thread may use the spool any more. */
void ridgeline_spool_close(RidgelineSpool* spool);
/* CLOCK_MONOTONIC. */
int64_t ridgeline_spool_now(void);

/* ---- the file ------------------------------------------------------------------------------------------------------
 */

typedef struct RidgelineSpoolHeader {
  char magic[8]; /* "RDGSPOOL" */
  uint32_t version;
  uint32_t header_bytes;
  int64_t process, parent;
  int64_t monotonic_ns, realtime_ns; /* one moment, when the file was begun */
  char plugin[32];                   /* NUL-padded, like the next */
  char program[32];                  /* what the kernel calls the process; no path */
} RidgelineSpoolHeader;

typedef struct RidgelineSpoolBlock {
  uint32_t magic;
  uint32_t bytes; /* of the records that follow */
  uint32_t records;
  uint32_t reserved;
  uint64_t checksum; /* ridgeline_spool_checksum() of the records */
} RidgelineSpoolBlock;

typedef struct RidgelineWire {
  uint16_t type; /* RidgelineRecordType, or RIDGELINE_WIRE_TEXT */
  uint16_t reserved;
  uint32_t bytes; /* of the record with this header: a multiple of 8 */
} RidgelineWire;
enum { RIDGELINE_WIRE_TEXT = 64 };

typedef struct RidgelineWireText {
  uint32_t text; /* its number, from 1; a later one of the same number takes its place */
  uint32_t length;
  /* then its bytes */
} RidgelineWireText;
typedef struct RidgelineWireDevice {
  uint32_t id, name, kind, vendor, properties, unavailable, remedy, reserved;
  int64_t memory_bytes;
} RidgelineWireDevice;
typedef struct RidgelineWireTrack {
  uint64_t track;
  uint32_t name;
  int32_t kind;
  uint32_t clock, device;
  int64_t thread;
} RidgelineWireTrack;
typedef struct RidgelineWireKernel {
  uint64_t track;
  int64_t queued_ns, submitted_ns, start_ns, end_ns;
  uint64_t correlation, graph, graph_node;
  uint32_t name;
  uint32_t grid[3], block[3];
  uint32_t registers, static_shared_bytes, dynamic_shared_bytes, local_bytes, reserved;
} RidgelineWireKernel;
typedef struct RidgelineWireCopy {
  uint64_t track;
  int64_t queued_ns, submitted_ns, start_ns, end_ns;
  uint64_t correlation, bytes, graph, graph_node;
  uint32_t name;
  int32_t kind;
  uint32_t flags, reserved;
} RidgelineWireCopy;
typedef struct RidgelineWireSpan {
  uint64_t track;
  int64_t start_ns, end_ns;
  uint64_t correlation;
  uint32_t name, domain, detail;
  int32_t kind, status;
  uint32_t reserved;
} RidgelineWireSpan;
typedef struct RidgelineWireCount {
  uint64_t track;
  int64_t time_ns;
  uint64_t correlation;
  double value;
  uint32_t counter, reserved;
} RidgelineWireCount;
typedef struct RidgelineWireClock {
  uint32_t clock, reserved;
  int64_t device_ns, host_ns, uncertainty_ns;
} RidgelineWireClock;
typedef struct RidgelineWireLost {
  uint64_t count;
  uint32_t why, reserved;
} RidgelineWireLost;
typedef struct RidgelineWireNote {
  int32_t severity;
  uint32_t text;
} RidgelineWireNote;

/* Of a multiple of 8 bytes. Finds torn writes; no protection against anybody. */
static inline uint64_t ridgeline_spool_checksum(const void* data, size_t bytes) {
  const unsigned char* p = (const unsigned char*)data;
  uint64_t sum = 0x52444753504f4f4cull ^ bytes;
  for (size_t i = 0; i + 8 <= bytes; i += 8) {
    uint64_t word;
    __builtin_memcpy(&word, p + i, 8);
    sum = (sum ^ word) * 0x9e3779b97f4a7c15ull;
    sum ^= sum >> 32;
  }
  return sum;
}

#ifdef __cplusplus
}
#endif
#endif

#ifdef RIDGELINE_SPOOL_IMPLEMENTATION
#include "ridgeline_spool_writer.inc"
#endif
