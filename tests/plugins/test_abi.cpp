// The layout of the plugin ABI on 64-bit machines, for good. A line here is never changed; new members are new lines.
#include "plugins/sdk/ridgeline_plugin.h"
#include "plugins/sdk/ridgeline_spool.h"

#include <catch2/catch.hpp>

#include <type_traits>

#define AT(Struct, member, offset) static_assert(offsetof(Struct, member) == offset, #Struct "." #member " has moved")
#define BYTES(Struct, bytes) \
  static_assert(sizeof(Struct) == bytes && std::is_standard_layout_v<Struct> && std::is_trivially_copyable_v<Struct>)

AT(RidgelineHost, size, 0);
AT(RidgelineHost, version, 8);
AT(RidgelineHost, context, 16);
AT(RidgelineHost, message, 24);
AT(RidgelineHost, option, 32);
AT(RidgelineHost, stop_requested, 40);
BYTES(RidgelineHost, 48);

AT(RidgelineOption, size, 0);
AT(RidgelineOption, name, 8);
AT(RidgelineOption, default_value, 16);
AT(RidgelineOption, description, 24);
BYTES(RidgelineOption, 32);

AT(RidgelineInfo, size, 0);
AT(RidgelineInfo, name, 8);
AT(RidgelineInfo, version, 16);
AT(RidgelineInfo, vendor, 24);
AT(RidgelineInfo, description, 32);
AT(RidgelineInfo, options, 40);
AT(RidgelineInfo, option_count, 48);
BYTES(RidgelineInfo, 56);

AT(RidgelineDevice, size, 0);
AT(RidgelineDevice, id, 8);
AT(RidgelineDevice, name, 16);
AT(RidgelineDevice, kind, 24);
AT(RidgelineDevice, vendor, 32);
AT(RidgelineDevice, properties, 40);
AT(RidgelineDevice, memory_bytes, 48);
AT(RidgelineDevice, unavailable, 56);
AT(RidgelineDevice, remedy, 64);
BYTES(RidgelineDevice, 72);

AT(RidgelineRoof, size, 0);
AT(RidgelineRoof, kind, 8);
AT(RidgelineRoof, threads, 12);
AT(RidgelineRoof, dtype, 16);
AT(RidgelineRoof, level, 24);
AT(RidgelineRoof, pattern, 32);
AT(RidgelineRoof, value, 40);
AT(RidgelineRoof, spread, 48);
AT(RidgelineRoof, how, 56);
BYTES(RidgelineRoof, 64);

AT(RidgelineCounter, size, 0);
AT(RidgelineCounter, name, 8);
AT(RidgelineCounter, unit, 16);
AT(RidgelineCounter, description, 24);
AT(RidgelineCounter, unavailable, 32);
AT(RidgelineCounter, remedy, 40);
BYTES(RidgelineCounter, 48);

AT(RidgelineRewrite, size, 0);
AT(RidgelineRewrite, rule, 8);
AT(RidgelineRewrite, variant, 16);
AT(RidgelineRewrite, pays, 24);
AT(RidgelineRewrite, why, 32);
BYTES(RidgelineRewrite, 40);

AT(RidgelineTrack, size, 0);
AT(RidgelineTrack, track, 8);
AT(RidgelineTrack, name, 16);
AT(RidgelineTrack, kind, 24);
AT(RidgelineTrack, clock, 28);
AT(RidgelineTrack, device, 32);
AT(RidgelineTrack, thread, 40);
BYTES(RidgelineTrack, 48);

AT(RidgelineKernel, size, 0);
AT(RidgelineKernel, track, 8);
AT(RidgelineKernel, name, 16);
AT(RidgelineKernel, queued_ns, 24);
AT(RidgelineKernel, submitted_ns, 32);
AT(RidgelineKernel, start_ns, 40);
AT(RidgelineKernel, end_ns, 48);
AT(RidgelineKernel, correlation, 56);
AT(RidgelineKernel, grid, 64);
AT(RidgelineKernel, block, 76);
AT(RidgelineKernel, registers, 88);
AT(RidgelineKernel, static_shared_bytes, 92);
AT(RidgelineKernel, dynamic_shared_bytes, 96);
AT(RidgelineKernel, local_bytes, 100);
AT(RidgelineKernel, graph, 104);
AT(RidgelineKernel, graph_node, 112);
BYTES(RidgelineKernel, 120);

AT(RidgelineCopy, size, 0);
AT(RidgelineCopy, track, 8);
AT(RidgelineCopy, name, 16);
AT(RidgelineCopy, queued_ns, 24);
AT(RidgelineCopy, submitted_ns, 32);
AT(RidgelineCopy, start_ns, 40);
AT(RidgelineCopy, end_ns, 48);
AT(RidgelineCopy, correlation, 56);
AT(RidgelineCopy, bytes, 64);
AT(RidgelineCopy, kind, 72);
AT(RidgelineCopy, flags, 76);
AT(RidgelineCopy, graph, 80);
AT(RidgelineCopy, graph_node, 88);
BYTES(RidgelineCopy, 96);

AT(RidgelineSpan, size, 0);
AT(RidgelineSpan, track, 8);
AT(RidgelineSpan, name, 16);
AT(RidgelineSpan, domain, 24);
AT(RidgelineSpan, detail, 32);
AT(RidgelineSpan, start_ns, 40);
AT(RidgelineSpan, end_ns, 48);
AT(RidgelineSpan, correlation, 56);
AT(RidgelineSpan, kind, 64);
AT(RidgelineSpan, status, 68);
BYTES(RidgelineSpan, 72);

AT(RidgelineCount, size, 0);
AT(RidgelineCount, track, 8);
AT(RidgelineCount, counter, 16);
AT(RidgelineCount, time_ns, 24);
AT(RidgelineCount, correlation, 32);
AT(RidgelineCount, value, 40);
BYTES(RidgelineCount, 48);

AT(RidgelineClock, size, 0);
AT(RidgelineClock, clock, 8);
AT(RidgelineClock, reserved, 12);
AT(RidgelineClock, device_ns, 16);
AT(RidgelineClock, host_ns, 24);
AT(RidgelineClock, uncertainty_ns, 32);
BYTES(RidgelineClock, 40);

AT(RidgelineLost, size, 0);
AT(RidgelineLost, count, 8);
AT(RidgelineLost, why, 16);
BYTES(RidgelineLost, 24);

AT(RidgelineNote, size, 0);
AT(RidgelineNote, severity, 8);
AT(RidgelineNote, text, 16);
BYTES(RidgelineNote, 24);

AT(RidgelineSink, size, 0);
AT(RidgelineSink, context, 8);
AT(RidgelineSink, record, 16);
BYTES(RidgelineSink, 24);

AT(RidgelineRequest, size, 0);
AT(RidgelineRequest, device, 8);
AT(RidgelineRequest, counters, 16);
AT(RidgelineRequest, counter_count, 24);
AT(RidgelineRequest, timeline, 32);
BYTES(RidgelineRequest, 40);

AT(RidgelineInjection, size, 0);
AT(RidgelineInjection, spool, 8);
AT(RidgelineInjection, counters, 16);
AT(RidgelineInjection, counter_count, 24);
BYTES(RidgelineInjection, 32);

AT(RidgelineVariable, size, 0);
AT(RidgelineVariable, name, 8);
AT(RidgelineVariable, value, 16);
AT(RidgelineVariable, how, 24);
BYTES(RidgelineVariable, 32);

AT(RidgelinePlugin, size, 0);
AT(RidgelinePlugin, abi, 8);
AT(RidgelinePlugin, reserved, 12);
AT(RidgelinePlugin, describe, 16);
AT(RidgelinePlugin, devices, 24);
AT(RidgelinePlugin, roofs, 32);
AT(RidgelinePlugin, counters, 40);
AT(RidgelinePlugin, rewrites, 48);
AT(RidgelinePlugin, start, 56);
AT(RidgelinePlugin, thread, 64);
AT(RidgelinePlugin, read, 72);
AT(RidgelinePlugin, stop, 80);
AT(RidgelinePlugin, injection, 88);
AT(RidgelinePlugin, close, 96);
BYTES(RidgelinePlugin, 104);

// The spool's file.
AT(RidgelineSpoolHeader, magic, 0);
AT(RidgelineSpoolHeader, version, 8);
AT(RidgelineSpoolHeader, header_bytes, 12);
AT(RidgelineSpoolHeader, process, 16);
AT(RidgelineSpoolHeader, parent, 24);
AT(RidgelineSpoolHeader, monotonic_ns, 32);
AT(RidgelineSpoolHeader, realtime_ns, 40);
AT(RidgelineSpoolHeader, plugin, 48);
AT(RidgelineSpoolHeader, program, 80);
BYTES(RidgelineSpoolHeader, 112);
AT(RidgelineSpoolBlock, magic, 0);
AT(RidgelineSpoolBlock, bytes, 4);
AT(RidgelineSpoolBlock, records, 8);
AT(RidgelineSpoolBlock, checksum, 16);
BYTES(RidgelineSpoolBlock, 24);
BYTES(RidgelineWire, 8);
BYTES(RidgelineWireText, 8);
BYTES(RidgelineWireDevice, 40);
BYTES(RidgelineWireTrack, 32);
BYTES(RidgelineWireKernel, 112);
BYTES(RidgelineWireCopy, 88);
BYTES(RidgelineWireSpan, 56);
BYTES(RidgelineWireCount, 40);
BYTES(RidgelineWireClock, 32);
BYTES(RidgelineWireLost, 16);
BYTES(RidgelineWireNote, 8);

TEST_CASE("the numbers of the plugin ABI stay what they are") {
  CHECK(RIDGELINE_OK == 0);
  CHECK(RIDGELINE_UNAVAILABLE == 1);
  CHECK(RIDGELINE_UNSUPPORTED == 2);
  CHECK(RIDGELINE_INVALID == 3);
  CHECK(RIDGELINE_FAILED == 4);
  CHECK(RIDGELINE_STOPPED == 5);
  CHECK(RIDGELINE_COMPUTE == 1);
  CHECK(RIDGELINE_BANDWIDTH == 2);
  CHECK(RIDGELINE_RECORD_DEVICE == 1);
  CHECK(RIDGELINE_RECORD_NOTE == 9);
  CHECK(RIDGELINE_OTHER_COPY == 6);
  CHECK(RIDGELINE_OVERHEAD == 4);
  CHECK(RIDGELINE_APPEND == 2);
  CHECK(RIDGELINE_SPOOL_BLOCK_MAGIC == 0x4b4c4252u);
}
