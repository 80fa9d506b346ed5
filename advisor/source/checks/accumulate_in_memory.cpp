// A sum that is kept in memory is stored and loaded in every round, as long as another pointer might see it.
#include "advisor/source/fix/accumulate.h"

namespace ridgeline::source {
namespace {

class AccumulateInMemory : public Check {
 public:
  CheckInfo info() const override {
    return {"accumulate-in-memory", Kind::Access, "A loop keeps its sum in memory", true};
  }
  bool handles(Language) const override { return true; }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      auto& own = const_cast<FunctionView&>(view);
      for (const auto& sum : accumulations(in, own)) {
        auto result = inRegister(in, own, sum);
        if (!result.needed) continue;
        auto made = finding(
            in, &view.facts, sum.update->getSourceRange(),
            fmt::format("the sum '{}' is loaded and stored in every round", in.file.text().of(sum.access->expr)));
        made.evidence.push_back("the compiler cannot keep it in a register while other pointers may lead to it");
        made.weight = 1;
        made.gainFraction = 0.3;
        made.fix = std::move(result.fix);
        made.whyNoFix = result.whyNot;
        found.push_back(std::move(made));
      }
    }
  }
};

}  // namespace

const Check& accumulateInMemory() {
  static const AccumulateInMemory check;
  return check;
}

}  // namespace ridgeline::source
