// Global memory is moved in sectors of 32 bytes: threads of a warp that read far apart move sectors of which they use
// little (CUDA C++ Best Practices Guide, "Coalesced Access to Global Memory").
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/swap_threads.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

constexpr int kWarp = 32, kSector = 32;

// Sectors that a warp touches when its threads are `stride` bytes apart and each reads `bytes`.
int sectorsTouched(int64_t stride, unsigned bytes) {
  std::set<int64_t> sectors;
  for (int lane = 0; lane < kWarp; ++lane) {
    const auto first = lane * stride;
    for (int64_t at = first; at < first + bytes; ++at)
      sectors.insert(at >= 0 ? at / kSector : (at - kSector + 1) / kSector);
  }
  return static_cast<int>(sectors.size());
}

// Strides that callers choose, and mostly choose to be 1.
bool isChosenByCaller(const std::string& stride) {
  std::string lower = stride;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower.find("stride") != std::string::npos || lower.find("inc") != std::string::npos;
}

class StridedAccess : public GpuCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-strided-access", Kind::Access, "Neighbouring threads read or write global memory far apart", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (view.facts.isDevice) inspect(in, view, found);
    }
  }

 private:
  void inspect(const CheckInput& in, const FunctionView& view, std::vector<Finding>& found) const {
    std::set<std::pair<const clang::Decl*, std::string>> told;
    std::optional<SwapResult> swap;
    for (const auto& access : view.accesses) {
      const auto& at = access.address;
      if (at.space != Space::Global || !at.bytes || access.oneThread || access.atomic) continue;
      const auto stride = at.bytes->coefficient(kTidX);
      if (!stride || stride->isZero() || stride->hasThread()) continue;
      if (isOfRecords(view, access, *stride) || isUsedWhole(view, access, *stride)) continue;
      auto made = describe(in, view, access, *stride);
      if (!made || !told.insert({at.root, made->message}).second) continue;
      if (!swap) swap = swapThreads(in, view);
      made->fix = swap->fix;
      made->whyNoFix = swap->whyNot;
      found.push_back(std::move(*made));
    }
  }

  // p[i * n] with nothing added, n being a parameter: which elements a caller wants to be neighbours is up to it.
  static bool isWholeAddress(const Access& access, const Poly& stride) {
    if (stride.size() != 1 || stride.terms().begin()->first.size() != 1) return false;
    const auto atom = stride.terms().begin()->first.front();
    for (const auto& [monomial, factor] : access.address.bytes->terms()) {
      const bool scaled = std::find(monomial.begin(), monomial.end(), atom) != monomial.end();
      const bool ofThread =
          std::all_of(monomial.begin(), monomial.end(), [&](Atom a) { return a == atom || a < kFirstFreeAtom; });
      if (!scaled || !ofThread) return false;
    }
    return true;
  }

  // Of an array of structs, which is another check's as soon as it sees a member.
  static bool isOfRecords(const FunctionView& view, const Access& access, const Poly& stride) {
    return std::any_of(view.accesses.begin(), view.accesses.end(), [&](const Access& other) {
      return other.address.root == access.address.root && other.address.field &&
             stride == Poly::constant(other.address.recordBytes);
    });
  }

  // Each thread takes nearly all elements that lie between it and the next one, one by one, or at once where it is not
  // at the end: sectors are used whole, out of the cache.
  static bool isUsedWhole(const FunctionView& view, const Access& access, const Poly& stride) {
    const auto known = stride.asConstant();
    if (!known || std::abs(*known) > kSector) return false;
    const auto apart = std::abs(*known);
    std::set<int64_t> offsets;
    for (const auto& other : view.accesses) {
      if (other.address.root != access.address.root || !other.address.bytes || other.write != access.write) continue;
      if (other.address.bytes->coefficient(kTidX) != stride) continue;
      if (other.bytes >= apart) return true;
      const auto between = (*other.address.bytes - *access.address.bytes).asConstant();
      if (other.bytes == access.bytes && between && std::abs(*between) < apart) {
        offsets.insert((*between + apart) % apart);
      }
    }
    return static_cast<int64_t>(offsets.size()) * access.bytes * 4 >= apart * 3;
  }

  std::optional<Finding> describe(const CheckInput& in, const FunctionView& view, const Access& access,
                                  const Poly& stride) const {
    const auto verb = access.write ? (access.read ? "update" : "write") : "read";
    const auto name = access.address.root->getNameAsString();
    const int ideal = std::max(1, static_cast<int>(kWarp * access.bytes) / kSector);
    if (const auto bytes = stride.asConstant()) {
      // A member of an array of structs is another check's.
      if (access.address.field && std::abs(*bytes) == access.address.recordBytes) return std::nullopt;
      if (std::abs(*bytes) <= access.bytes || std::abs(*bytes) > (int64_t{1} << 40)) return std::nullopt;
      const int sectors = sectorsTouched(*bytes, access.bytes);
      if (sectors < 2 * ideal) return std::nullopt;
      auto made = finding(in, &view.facts, access.expr->getSourceRange(),
                          fmt::format("threads of a warp {} '{}' {} bytes apart", verb, name, std::abs(*bytes)));
      made.evidence.push_back(
          fmt::format("a warp moves {} sectors of 32 bytes where {} hold what it needs", sectors, ideal));
      made.weight = static_cast<double>(sectors) / ideal;
      made.gainFraction = 1 - 1 / made.weight;
      return made;
    }
    const auto element = static_cast<int64_t>(access.bytes);
    Poly elements;
    bool whole = element > 0;
    for (const auto& [monomial, factor] : stride.terms()) {
      if (whole && factor % element != 0) whole = false;
      Poly term = Poly::constant(whole ? factor / element : factor);
      for (const auto atom : monomial) {
        if (atom >= kBidX && atom <= kBidZ) return std::nullopt;
        term = term * Poly::atom(atom);
      }
      elements = elements + term;
    }
    const auto text = in.atoms.textOf(whole ? elements : stride);
    if (isChosenByCaller(text) || isWholeAddress(access, stride)) return std::nullopt;
    auto made =
        finding(in, &view.facts, access.expr->getSourceRange(),
                fmt::format("threads of a warp {} '{}' {} {} apart", verb, name, text, whole ? "elements" : "bytes"));
    made.evidence.push_back(
        fmt::format("once that is {} bytes or more, a warp moves 32 sectors of 32 bytes where {} "
                    "hold what it needs",
                    kSector, ideal));
    made.weight = static_cast<double>(kWarp) / ideal;
    made.gainFraction = 1 - 1 / made.weight;
    return made;
  }
};

}  // namespace

const Check& stridedAccess() {
  static const StridedAccess check;
  return check;
}

}  // namespace ridgeline::source
