#include "profile/level_vocabulary.h"
#include "profile/rows_impl.h"

namespace ridgeline::profile {

template <>
struct Columns<NodeEdge> {
  static constexpr std::string_view table = "node_edge";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("source", r.source), f("target", r.target);
  }
};

template <>
struct Columns<LevelTrack> {
  static constexpr std::string_view table = "level_track";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("track", r.track), f("slices", r.slices), f("lanes", r.lanes), f("start_ns", r.startNs), f("end_ns", r.endNs);
  }
};

template <>
struct Columns<LevelBlock> {
  static constexpr std::string_view table = "level_block";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("track", r.track), f("level", r.level), f("start_ns", r.startNs), f("end_ns", r.endNs);
    f("count", r.count), f("spans", r.spans);
  }
};

template <>
struct Columns<LevelMark> {
  static constexpr std::string_view table = "level_mark";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("track", r.track), f("start_ns", r.startNs), f("open", r.open);
  }
};

RIDGELINE_ROW(NodeEdge)
RIDGELINE_ROW(LevelTrack)
RIDGELINE_ROW(LevelBlock)
RIDGELINE_ROW(LevelMark)

}  // namespace ridgeline::profile
