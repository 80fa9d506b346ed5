/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin ABI of Ridgeline: what an accelerator's shared library offers so that its devices have roofs, a timeline,
 * counters and advice. C99; nothing is linked. docs/plugins.md explains it, plugins/template is the smallest plugin.
 *
 * The library exports one function, ridgeline_plugin_open(). The host calls it with the ABI version it speaks and its
 * own function table, and gets the plugin's.
 *
 * Rules
 *   Structs    begin with their size in bytes, set by whoever fills them in (RIDGELINE_INIT does it). They only ever
 * grow at the end. A member that lies beyond the size of the other side's struct is not there. Lifetimes  What a
 * function is given is valid during the call, and what is given to a callback is valid during the callback: copy what
 * you keep. Exceptions are said where they are. Memory     No memory changes owners. Nothing is freed by the other
 * side. Threads    The host calls one function of a plugin at a time, from any of its threads. thread() and read() are
 * the exceptions: they are called by several threads at once, also during each other, never during start() or stop().
 *   Failure    No exception and no longjmp crosses. A function that fails returns a status and says why, in one line
 * for people, through host->message() with RIDGELINE_ERROR before it returns. Texts      NUL-terminated UTF-8 without
 * control characters, at most RIDGELINE_LONGEST_TEXT bytes. NULL where a member says so. Time       int64_t
 * nanoseconds. Clock 0 is CLOCK_MONOTONIC; others are the plugin's, see RidgelineClock.
 *
 * Changes
 *   1  The first.
 */
#ifndef RIDGELINE_PLUGIN_H
#define RIDGELINE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RIDGELINE_PLUGIN_ABI 1u
#define RIDGELINE_LONGEST_TEXT 4096

/* A struct of its kind with every member zero but its size: RidgelineDevice device = RIDGELINE_INIT(RidgelineDevice);
 */
#ifdef __cplusplus
#define RIDGELINE_INIT(Type) (::ridgelineInit<Type>())
#else
#define RIDGELINE_INIT(Type) ((Type){.size = sizeof(Type)})
#endif

typedef int32_t RidgelineStatus;
enum {
  RIDGELINE_OK = 0,
  RIDGELINE_UNAVAILABLE = 1, /* this machine lacks what is needed: a driver, a device, a permission */
  RIDGELINE_UNSUPPORTED = 2, /* the plugin does not do this, here or at all */
  RIDGELINE_INVALID = 3,     /* an argument makes no sense: an unknown device, counter or option value */
  RIDGELINE_FAILED = 4,      /* anything else */
  RIDGELINE_STOPPED = 5      /* stop_requested() said so */
};

typedef int32_t RidgelineSeverity;
enum { RIDGELINE_INFO = 0, RIDGELINE_WARNING = 1, RIDGELINE_ERROR = 2 };

/* ---- the host's side --------------------------------------------------------------------------------------------- */

/* Valid from ridgeline_plugin_open() to the end of close(). Its functions may be called from any thread. */
typedef struct RidgelineHost {
  size_t size;
  const char* version; /* of Ridgeline: "0.1.0" */
  void* context;       /* first argument of the functions below */
  void (*message)(void* context, RidgelineSeverity severity, const char* text);
  /* The value the user gave to one of the options that describe() lists, by its name there; NULL when none was given.
   * Valid as long as the host. */
  const char* (*option)(void* context, const char* name);
  /* Not 0 when the user asked to stop. Long functions (roofs) look at it at least once a second. */
  int32_t (*stop_requested)(void* context);
} RidgelineHost;

/* ---- what a plugin says of itself and its devices ------------------------------------------------------------------
 */

typedef struct RidgelineOption {
  size_t size;
  const char* name;          /* a-z, 0-9, '_' and '-': the user writes --plugin-option PLUGIN.NAME=VALUE */
  const char* default_value; /* may be NULL */
  const char* description;   /* one line */
} RidgelineOption;

/* Valid until close(). */
typedef struct RidgelineInfo {
  size_t size;
  const char* name;    /* a-z, 0-9 and '_', beginning with a letter, at most 32: "cuda" */
  const char* version; /* of the plugin: "1.4.2" */
  const char* vendor;
  const char* description; /* one line */
  const RidgelineOption* const* options;
  size_t option_count;
} RidgelineInfo;

typedef struct RidgelineDevice {
  size_t size;
  const char* id;          /* unique within the plugin, the same every time on one machine; the host hands it back */
  const char* name;        /* "NVIDIA H100 80GB HBM3" */
  const char* kind;        /* "cpu", "gpu", "npu", "fpga" or another word */
  const char* vendor;      /* may be NULL */
  const char* properties;  /* a JSON object of whatever else is known; may be NULL */
  int64_t memory_bytes;    /* its own or what it can use; 0 when not known */
  const char* unavailable; /* NULL when it can be used; else why not */
  const char* remedy;      /* what would make it usable; may be NULL */
} RidgelineDevice;

enum { RIDGELINE_COMPUTE = 1, RIDGELINE_BANDWIDTH = 2 };

/* A measured ceiling. Data sheets are no measurements. */
typedef struct RidgelineRoof {
  size_t size;
  int32_t kind;        /* RIDGELINE_COMPUTE or RIDGELINE_BANDWIDTH */
  int32_t threads;     /* that were running; 0 where that means nothing */
  const char* dtype;   /* compute: "float32", "float16", "bfloat16", "int8", "tensor-float32"; else NULL */
  const char* level;   /* bandwidth: "DRAM", "L2", "PCIe"; else NULL */
  const char* pattern; /* bandwidth: "read", "write", "copy", "triad"; else NULL */
  double value;        /* FLOP/s, integer operations/s (a multiply-add is two), or bytes/s */
  double spread;       /* relative, between repetitions: (max - min) / max */
  const char* how;     /* "fma kernel, 16 accumulators, best of 20 x 5 ms" */
} RidgelineRoof;

typedef struct RidgelineCounter {
  size_t size;
  const char* name;        /* for --counters */
  const char* unit;        /* "1", "byte", "FLOP", "ns", "J" */
  const char* description; /* one line */
  const char* unavailable; /* NULL when it has been seen to count; else why it does not */
  const char* remedy;      /* what would make it count; may be NULL */
} RidgelineCounter;

/* Whether a rewrite of Ridgeline's advisor gains on a device. It orders what is tried; what is kept is measured. */
typedef struct RidgelineRewrite {
  size_t size;
  const char* rule;    /* "quantize-static" */
  const char* variant; /* NULL: all of the rule */
  int32_t pays;        /* 1 yes, -1 no */
  const char* why;     /* one line */
} RidgelineRewrite;

/* ---- records: what is collected ------------------------------------------------------------------------------------
 */

/* A row of the timeline. Comes before the first record that names it; a later one of the same number replaces it. */
typedef struct RidgelineTrack {
  size_t size;
  uint64_t track;     /* chosen by the plugin, unique in this process */
  const char* name;   /* "stream 7" */
  int32_t kind;       /* RIDGELINE_STREAM ... */
  uint32_t clock;     /* of the times on it; 0: CLOCK_MONOTONIC */
  const char* device; /* the id of its device; NULL for a thread of the host */
  int64_t thread;     /* the kernel's thread id, for RIDGELINE_THREAD; else 0 */
} RidgelineTrack;
enum { RIDGELINE_THREAD = 1, RIDGELINE_STREAM = 2, RIDGELINE_RANGES = 3 };

/* Work that ran on a device. Times are on the clock of its track; 0 where one is not known. */
typedef struct RidgelineKernel {
  size_t size;
  uint64_t track;
  const char* name;
  int64_t queued_ns, submitted_ns; /* put into its queue; handed to the device */
  int64_t start_ns, end_ns;
  uint64_t correlation; /* the call that launched it has the same, see RidgelineSpan; 0: none is known */
  uint32_t grid[3];     /* work-groups; work-items where the size of a group is the driver's choice */
  uint32_t block[3];    /* work-items of a group; 0 where the driver chose */
  uint32_t registers;   /* of a work-item; 0 when not known, like the next three */
  uint32_t static_shared_bytes, dynamic_shared_bytes; /* of a group */
  uint32_t local_bytes;                               /* spilled, of a work-item */
  uint64_t graph, graph_node;                         /* of a recorded graph of launches; 0: none */
} RidgelineKernel;

/* Bytes that moved or were set. */
typedef struct RidgelineCopy {
  size_t size;
  uint64_t track;
  const char* name; /* NULL: named after its kind */
  int64_t queued_ns, submitted_ns, start_ns, end_ns;
  uint64_t correlation;
  uint64_t bytes;
  int32_t kind;   /* RIDGELINE_HOST_TO_DEVICE ... */
  uint32_t flags; /* RIDGELINE_PAGEABLE */
  uint64_t graph, graph_node;
} RidgelineCopy;
enum {
  RIDGELINE_HOST_TO_DEVICE = 1,
  RIDGELINE_DEVICE_TO_HOST = 2,
  RIDGELINE_DEVICE_TO_DEVICE = 3,
  RIDGELINE_PEER_TO_PEER = 4,
  RIDGELINE_SET = 5,
  RIDGELINE_OTHER_COPY = 6
};
enum { RIDGELINE_PAGEABLE = 1 }; /* the host's side is not pinned */

/* Something with a beginning and an end that is neither: a call, a wait, a range that the program named. */
typedef struct RidgelineSpan {
  size_t size;
  uint64_t track;
  const char* name;
  const char* domain; /* of a range; "runtime" or "driver" of a call; may be NULL */
  const char* detail; /* a JSON value: the payload of a range; may be NULL */
  int64_t start_ns, end_ns;
  uint64_t correlation; /* of a call */
  int32_t kind;         /* RIDGELINE_CALL ... */
  int32_t status;       /* what a call returned; 0 is success */
} RidgelineSpan;
enum { RIDGELINE_CALL = 1, RIDGELINE_RANGE = 2, RIDGELINE_SYNC = 3, RIDGELINE_OVERHEAD = 4 };

/* A counter's value: of one kernel, or a sample on a track. */
typedef struct RidgelineCount {
  size_t size;
  uint64_t track;
  const char* counter;  /* by the name counters() gave it */
  int64_t time_ns;      /* 0: of the kernel alone */
  uint64_t correlation; /* of the kernel; 0: a sample of the track */
  double value;
} RidgelineCount;

/* One moment on two clocks. A clock needs one; two or more, apart in time, give its drift. */
typedef struct RidgelineClock {
  size_t size;
  uint32_t clock;         /* as in RidgelineTrack; not 0 */
  uint32_t reserved;      /* 0 */
  int64_t device_ns;      /* on that clock */
  int64_t host_ns;        /* CLOCK_MONOTONIC */
  int64_t uncertainty_ns; /* the two may be this far apart */
} RidgelineClock;

/* Records there should have been. */
typedef struct RidgelineLost {
  size_t size;
  uint64_t count;
  const char* why; /* one line: "dropped by the driver" */
} RidgelineLost;

/* Something the reader of the profile should know. */
typedef struct RidgelineNote {
  size_t size;
  RidgelineSeverity severity;
  const char* text;
} RidgelineNote;

typedef int32_t RidgelineRecordType;
enum {
  RIDGELINE_RECORD_DEVICE = 1, /* RidgelineDevice: one that a track of this process names */
  RIDGELINE_RECORD_TRACK = 2,
  RIDGELINE_RECORD_KERNEL = 3,
  RIDGELINE_RECORD_COPY = 4,
  RIDGELINE_RECORD_SPAN = 5,
  RIDGELINE_RECORD_COUNT = 6,
  RIDGELINE_RECORD_CLOCK = 7,
  RIDGELINE_RECORD_LOST = 8,
  RIDGELINE_RECORD_NOTE = 9
};

/* Takes records, from any thread, also several at once. Types it does not know it drops. A library that is injected
 * into a process writes the same records to its spool: ridgeline_spool.h. */
typedef struct RidgelineSink {
  size_t size;
  void* context;
  void (*record)(void* context, RidgelineRecordType type, const void* record);
} RidgelineSink;

/* ---- collecting ----------------------------------------------------------------------------------------------------
 */

typedef struct RidgelineRequest {
  size_t size;
  const char* device;          /* an id; NULL: the plugin's choice */
  const char* const* counters; /* by name; read() gives their values in this order */
  size_t counter_count;
  int32_t timeline; /* not 0: kernels, copies and spans go to the sink */
} RidgelineRequest;

typedef struct RidgelineInjection {
  size_t size;
  const char* spool;           /* the folder the records go to; RIDGELINE_SPOOL will name it in the child, too */
  const char* const* counters; /* by name, or names of sets that the plugin knows */
  size_t counter_count;
} RidgelineInjection;

typedef struct RidgelineVariable {
  size_t size;
  const char* name;
  const char* value;
  int32_t how; /* RIDGELINE_REPLACE ... */
} RidgelineVariable;
/* What happens to a value that is there: it goes, or it is kept behind or before the new one, with a colon between. */
#define RIDGELINE_COUNTING_RUN "RIDGELINE_COUNTING_RUN" /* a variable; its value is "1" */
enum { RIDGELINE_REPLACE = 0, RIDGELINE_PREPEND = 1, RIDGELINE_APPEND = 2 };

/* ---- the plugin's side ---------------------------------------------------------------------------------------------
 */

/* Valid until close(). Functions that a plugin has no use for are NULL; describe, devices and close are required. */
typedef struct RidgelinePlugin {
  size_t size;
  uint32_t abi; /* RIDGELINE_PLUGIN_ABI of the header it was built with */
  uint32_t reserved;

  /* Never fails. May be called at any time, by several threads at once. */
  const RidgelineInfo* (*describe)(void);

  /* Emits every device, also those that cannot be used and why. RIDGELINE_UNAVAILABLE when it cannot even look: there
   * is no driver. Must be quick: it is called whenever plugins are listed. */
  RidgelineStatus (*devices)(void (*emit)(void* context, const RidgelineDevice* device), void* context);

  /* Measures the ceilings of a device; seconds. `threads`: of the host, for devices that are the host; 0: all. The host
   * keeps the result, for as long as the device's name, properties and the plugin's version stay the same. */
  RidgelineStatus (*roofs)(const char* device, int32_t threads, void (*emit)(void* context, const RidgelineRoof* roof),
                           void* context);

  /* Emits the counters of a device, also those that do not work here and why. */
  RidgelineStatus (*counters)(const char* device, void (*emit)(void* context, const RidgelineCounter* counter),
                              void* context);

  RidgelineStatus (*rewrites)(const char* device, void (*emit)(void* context, const RidgelineRewrite* rewrite),
                              void* context);

  /* Begins to collect in this process, one collection at a time. The sink is valid until stop() returns. A counter that
   * is unknown or does not work is RIDGELINE_INVALID or RIDGELINE_UNAVAILABLE, and nothing is begun. */
  RidgelineStatus (*start)(const RidgelineRequest* request, const RidgelineSink* sink, void** collection);

  /* The calling thread begins (joins != 0) or ends to be counted. What it counted until then stays in the totals. A
   * thread ends before it exits and before stop(). The thread that calls start() joins like any other. */
  RidgelineStatus (*thread)(void* collection, int32_t joins);

  /* Running totals over all threads that joined, in the order of the request. Called around every operator: about a
   * microsecond a thread is good. */
  RidgelineStatus (*read)(void* collection, double* values, size_t count);

  /* Ends the collection and frees it, whatever it returns. The sink is told nothing after that. */
  RidgelineStatus (*stop)(void* collection);

  /* Emits the environment that puts the plugin's library into a child and has it spool there. A plugin that disturbs a
   * program too much to trace what it counts also emits RIDGELINE_COUNTING_RUN: the host runs the command without
   * counters then, and a second time with them. What is counted in the second run is matched to the first by the name
   * of a kernel, its grid and block, and how many of the same came before it. Messages of this function are shown
   * before the command runs. */
  RidgelineStatus (*injection)(const RidgelineInjection* request,
                               void (*emit)(void* context, const RidgelineVariable* variable), void* context);

  /* The last call. No thread of the plugin runs any more, and its library can be unloaded. ridgeline_plugin_open() may
   * be called again. */
  void (*close)(void);
} RidgelinePlugin;

/* Refusing is done by returning NULL, after a message: host_abi is older than what the plugin can do with. A newer host
 * serves every older plugin. */
typedef const RidgelinePlugin* (*RidgelinePluginOpen)(uint32_t host_abi, const RidgelineHost* host);
#define RIDGELINE_PLUGIN_OPEN "ridgeline_plugin_open"

/* The one function a plugin exports; everything else had better be hidden (-fvisibility=hidden). */
__attribute__((visibility("default"))) const RidgelinePlugin* ridgeline_plugin_open(uint32_t host_abi,
                                                                                    const RidgelineHost* host);

#ifdef __cplusplus
}
template <class Type>
Type ridgelineInit() {
  Type value{};
  value.size = sizeof(Type);
  return value;
}
#endif

#endif
