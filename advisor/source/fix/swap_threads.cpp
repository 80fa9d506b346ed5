#include "advisor/source/fix/swap_threads.h"

#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/elementwise.h"
#include "advisor/source/model/launch_shape.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::source {

using namespace clang;

namespace {

constexpr int kWarp = 32;
constexpr int64_t kSector = 32, kFar = 4096;  // bytes; the latter for a distance that is only known to grow
constexpr double kWorth = 1.5, kRoundsOfLoop = 8;

// Sectors that a warp of a block of `edge` by `edge` threads touches.
int sectors(int64_t perX, int64_t perY, unsigned bytes, int64_t edge) {
  std::set<int64_t> touched;
  for (int64_t lane = 0; lane < kWarp; ++lane) {
    const auto first = perX * (lane % edge) + perY * (lane / edge);
    for (int64_t at = first; at < first + bytes; at += 4)
      touched.insert(at >= 0 ? at / kSector : -1 - (-1 - at) / kSector);
  }
  return static_cast<int>(touched.size());
}

// Of all accesses to global memory whose address is known, loops counting more.
double cost(const CheckInput& in, const FunctionView& view, int64_t edge, bool swapped) {
  double sum = 0;
  for (const auto& access : view.accesses) {
    const auto& at = access.address;
    if (at.space != Space::Global || !at.bytes || access.oneThread) continue;
    const auto x = at.bytes->coefficient(kTidX), y = at.bytes->coefficient(kTidY);
    if (!x || !y) continue;
    const auto bytes = [](const Poly& p) { return p.asConstant().value_or(kFar); };
    const auto perX = bytes(swapped ? *y : *x), perY = bytes(swapped ? *x : *y);
    const auto depth = static_cast<double>(in.file.loopsAround(access.expr).size());
    sum += std::pow(kRoundsOfLoop, depth) * sectors(perX, perY, access.bytes, edge);
  }
  return sum;
}

bool mentionsThread(const Stmt* body) {
  bool found = false;
  walk(body, [&](const Stmt* s) {
    const auto* named = dyn_cast<DeclRefExpr>(s);
    const auto* decl = named ? named->getDecl() : nullptr;
    if (decl && decl->getIdentifier() && (decl->getName() == "threadIdx" || decl->getName() == "warpSize"))
      found = true;
    found = found || isa<AsmStmt, LambdaExpr>(s);
    return !found;
  });
  return found;
}

// What depends on which threads make a warp, or on a thread's place in another way.
std::string placeDependent(const CheckInput& in, const Stmt* body, int depth) {
  std::string why;
  walk(body, [&](const Stmt* s) {
    if (!why.empty()) return false;
    if (isa<AsmStmt, LambdaExpr>(s)) why = "it holds assembly or lambdas";
    const auto* call = dyn_cast<CallExpr>(s);
    if (!call || isa<CXXOperatorCallExpr>(call)) return why.empty();
    const auto name = calleeName(call);
    if (isPureFunction(name) || name == "__syncthreads" || name == "__ldg" || name.rfind("atomic", 0) == 0) return true;
    const auto* facts = in.file.factsOf(call->getDirectCallee());
    const bool harmless = facts && depth < 4 && !mentionsThread(facts->body);
    why = harmless
              ? placeDependent(in, facts->body, depth + 1)
              : fmt::format("it calls {}, which may ask for the thread's place", name.empty() ? "a function" : name);
    return why.empty();
  });
  return why;
}

// Threads along x and y of all launches, where they are the same.
std::optional<int64_t> edgeOfBlocks(const CheckInput& in, const FunctionView& view, std::string& why) {
  const auto* decl = view.facts.decl;
  const auto launches = in.file.launchesOf(decl);
  if (decl->isTemplated() || !in.file.allUsesSeen(decl) || launches.empty() ||
      launches.size() != in.file.mentions(decl).size()) {
    why = "its launches are not all seen: blocks may not be square";
    return std::nullopt;
  }
  std::optional<int64_t> edge;
  for (const auto& launch : launches) {
    const auto block = constantBlock(in.file, launch.block);
    if (!block || (*block)[0] != (*block)[1] || (*block)[2] != 1 || (*block)[0] < 2 || (edge && *edge != (*block)[0])) {
      why = "not all of its launches have as many threads along x as along y";
      return std::nullopt;
    }
    edge = (*block)[0];
  }
  return edge;
}

// Every threadIdx.x as threadIdx.y, and the other way round; false where one is written by a macro, or whole.
bool rename(const CheckInput& in, const FunctionView& view, std::vector<Edit>& edits) {
  const auto& text = in.file.text();
  size_t mentions = 0;
  std::set<size_t> seen;
  walk(view.facts.body, [&](const Stmt* s) {
    if (const auto* named = dyn_cast<DeclRefExpr>(s)) {
      const auto* name = named->getDecl()->getIdentifier();
      mentions += name && name->getName() == "threadIdx";
    }
    const auto* e = dyn_cast<Expr>(s);
    if (!isa_and_nonnull<MSPropertyRefExpr, MemberExpr>(e)) return true;
    const auto where = text.span(e);
    const auto written = where ? text.at(*where) : "";
    if (written != "threadIdx.x" && written != "threadIdx.y" && written != "threadIdx.z") return true;
    if (!seen.insert(where->begin).second) return true;
    if (written.back() != 'z') edits.push_back({where->end - 1, 1, written.back() == 'x' ? "y" : "x"});
    return true;
  });
  return seen.size() == mentions && !edits.empty();
}

}  // namespace

SwapResult swapThreads(const CheckInput& in, const FunctionView& view) {
  SwapResult result;
  if (!view.facts.isKernel || view.facts.inPart || in.file.language() != Language::Cuda) return result;
  const bool twoAxes = std::any_of(view.accesses.begin(), view.accesses.end(), [](const Access& access) {
    return access.address.bytes && access.address.bytes->has(kTidY);
  });
  if (!twoAxes) return result;
  // As square blocks of a warp's width would fare: else there is no use in asking for the launches.
  if (cost(in, view, kWarp, false) < kWorth * cost(in, view, kWarp, true)) return result;
  const auto edge = edgeOfBlocks(in, view, result.whyNot);
  if (!edge) return result;
  const double before = cost(in, view, *edge, false), after = cost(in, view, *edge, true);
  if (before < kWorth * after) return result;
  const bool shares = std::any_of(view.accesses.begin(), view.accesses.end(),
                                  [](const Access& access) { return access.address.space == Space::Shared; });
  result.whyNot =
      shares ? "threads would fall on other banks of its shared memory" : placeDependent(in, view.facts.body, 0);
  if (!result.whyNot.empty()) return result;
  Fix fix;
  if (!rename(in, view, fix.edits)) {
    result.whyNot = "a part of its index is written by a macro";
    return result;
  }
  fix.title = "exchange threadIdx.x and threadIdx.y, which the square blocks allow";
  fix.scopes.insert(view.facts.name);
  result.fewer = before / after;
  result.fix = std::move(fix);
  return result;
}

}  // namespace ridgeline::source
