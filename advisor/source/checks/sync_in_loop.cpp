// Waiting for the GPU in every round leaves it idle while the host prepares the next.
#include "advisor/source/checks/launch_loops.h"
#include "advisor/source/fix/rewrite.h"

namespace ridgeline::source {
namespace {

using namespace clang;

class SyncInLoop : public CudaCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-sync-in-loop", Kind::Launch, "The host waits for the GPU in every round of a loop", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& place :
         callsInLoops(in, {"cudaDeviceSynchronize", "cudaStreamSynchronize", "cudaThreadSynchronize"})) {
      if (!launchesKernels(in, *place.loop)) continue;
      auto made = finding(in, place.function, place.call->getSourceRange(),
                          fmt::format("{} waits for the GPU in every round of the loop", place.name));
      made.evidence.push_back("launches of one stream run in order without it; the GPU idles until the next launch");
      made.weight = 1;
      made.gainFraction = 0.2;
      offerHoist(in, place, made);
      found.push_back(std::move(made));
    }
  }

 private:
  // Everything else in the loop is launches: nothing looks at what they made before the loop is over.
  static std::string whyNot(const CheckInput& in, const CallInLoop& place) {
    if (!isStatement(in, place.call)) return "its result is looked at";
    const auto* body = dyn_cast<CompoundStmt>(place.loop->body);
    if (!body || in.file.parent(place.call) != body) return "it is not a statement of the loop itself";
    for (const auto* s : body->body()) {
      const auto* e = dyn_cast<Expr>(s);
      const auto* bare = e ? e->IgnoreImplicit() : nullptr;
      if (bare == place.call) continue;
      const auto* launch = dyn_cast_or_null<CUDAKernelCallExpr>(bare);
      if (!launch) return "the loop does more than launch kernels";
      for (const auto* argument : launch->arguments()) {
        if (firstBelow<CallExpr>(argument)) return "a launch's arguments call functions";
      }
    }
    if (const auto* loop = dyn_cast<ForStmt>(place.loop->stmt)) {
      if (firstBelow<CallExpr>(loop->getCond()) || firstBelow<CallExpr>(loop->getInc())) {
        return "the loop's condition calls functions";
      }
      return "";
    }
    return "the loop's condition may look at the results";
  }

  static void offerHoist(const CheckInput& in, const CallInLoop& place, Finding& made) {
    made.whyNoFix = whyNot(in, place);
    if (!made.whyNoFix.empty()) return;
    const auto& text = in.file.text();
    const auto line = text.statementLine(place.call);
    const auto whole = text.statement(place.call);
    const auto loop = text.statement(place.loop->stmt);
    if (!line || !whole || !loop) {
      made.whyNoFix = "a part of it is written by a macro";
      return;
    }
    Fix fix;
    fix.title = "wait once, after the loop";
    fix.scopes.insert(place.function->name);
    fix.edits.push_back(replace(*line, ""));
    fix.edits.push_back(insertAt(loop->end, "\n" + text.indentationAt(loop->begin) + text.at(*whole)));
    made.fix = std::move(fix);
  }
};

}  // namespace

const Check& syncInLoop() {
  static const SyncInLoop check;
  return check;
}

}  // namespace ridgeline::source
