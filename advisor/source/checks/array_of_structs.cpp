// A loop, or a warp, that wants one member of each record drags the others through the caches.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/soa.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

using namespace clang;

class ArrayOfStructs : public Check {
 public:
  CheckInfo info() const override {
    return {"array-of-structs", Kind::Layout, "Records are kept whole where only some of their members are wanted",
            true};
  }
  bool handles(Language) const override { return true; }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (view.facts.isDevice) {
        inspectKernel(in, view, found);
      } else if (in.file.language() != Language::OpenCl) {
        inspectLoops(in, const_cast<FunctionView&>(view), found);
      }
    }
  }

 private:
  struct Touched {
    const Access* first = nullptr;
    std::set<const FieldDecl*> fields;
    unsigned bytes = 0;  // of the members touched
  };

  static void add(Touched& touched, const Access& access) {
    if (!touched.first) touched.first = &access;
    if (touched.fields.insert(access.address.field).second) touched.bytes += access.bytes;
  }

  void inspectKernel(const CheckInput& in, const FunctionView& view, std::vector<Finding>& found) const {
    std::map<const ValueDecl*, Touched> records;
    for (const auto& access : view.accesses) {
      const auto& at = access.address;
      if (!at.field || at.space != Space::Global || !at.bytes || access.oneThread || access.atomic) continue;
      const auto stride = at.bytes->coefficient(kTidX);
      const auto bytes = stride ? stride->asConstant() : std::nullopt;
      if (!bytes || std::abs(*bytes) != at.recordBytes || at.recordBytes <= access.bytes) continue;
      add(records[at.root], access);
    }
    for (const auto& [root, touched] : records) {
      const auto size = touched.first->address.recordBytes;
      // What is nearly all wanted comes from the cache the second time, unless records are longer than a sector.
      if (touched.bytes * 4 >= size * 3 && size <= 32) continue;
      auto made =
          finding(in, &view.facts, touched.first->expr->getSourceRange(),
                  fmt::format("threads of a warp read members of '{}' {} bytes apart", root->getNameAsString(), size));
      made.evidence.push_back(fmt::format("each access takes {} of every {} bytes; the kernel uses {} of them",
                                          touched.first->bytes, size, touched.bytes));
      made.weight = static_cast<double>(size) / touched.first->bytes;
      made.gainFraction = 1 - static_cast<double>(touched.bytes) / size;
      offer(in, *touched.first, made);
      found.push_back(std::move(made));
    }
  }

  void inspectLoops(const CheckInput& in, FunctionView& view, std::vector<Finding>& found) const {
    std::map<std::pair<const Stmt*, const ValueDecl*>, Touched> records;
    for (const auto& access : view.accesses) {
      if (!access.address.field || !access.address.bytes) continue;
      const auto loops = in.file.loopsAround(access.expr);
      if (loops.empty() || !loops.front()->counter) continue;
      const auto step = access.address.bytes->coefficient(view.index.counterAtom(loops.front()->counter));
      const auto bytes = step ? step->asConstant() : std::nullopt;
      if (!bytes || std::abs(*bytes) != access.address.recordBytes) continue;
      add(records[{loops.front()->stmt, access.address.root}], access);
    }
    inspectRanges(in, view, found);
    for (const auto& [key, touched] : records) {
      report(in, view, key.second->getNameAsString(), touched.first->expr->getSourceRange(),
             touched.first->address.field->getParent(), touched.bytes, touched.first->address.recordBytes, found);
    }
  }

  // for (auto& p : v) with a few of p's members.
  void inspectRanges(const CheckInput& in, FunctionView& view, std::vector<Finding>& found) const {
    for (const auto& loop : view.facts.loops) {
      const auto* range = dyn_cast<CXXForRangeStmt>(loop.stmt);
      if (!range || !range->getLoopVariable()->getType()->isReferenceType()) continue;
      const auto* record = vectorElement(range->getRangeInit()->getType());
      if (!record || !record->isCompleteDefinition() || record->isDependentType()) continue;
      std::set<const FieldDecl*> fields;
      unsigned bytes = 0;
      bool whole = false;
      for (const auto* use : in.file.mentions(range->getLoopVariable())) {
        const Stmt* up = in.file.parent(use);
        while (up && isa<ParenExpr, ImplicitCastExpr>(up)) up = in.file.parent(up);
        const auto* member = dyn_cast_or_null<MemberExpr>(up);
        const auto* field = member ? dyn_cast<FieldDecl>(member->getMemberDecl()) : nullptr;
        whole = whole || !field;
        if (field && fields.insert(field).second) bytes += view.index.sizeOf(field->getType());
      }
      if (whole || fields.empty()) continue;
      const auto size = view.index.sizeOf(in.file.context().getTypeDeclType(record));
      report(in, view, in.file.text().of(range->getRangeInit()), range->getRangeInit()->getSourceRange(), record, bytes,
             size, found);
    }
  }

  void report(const CheckInput& in, const FunctionView& view, const std::string& name, SourceRange range,
              const RecordDecl* record, unsigned used, unsigned size, std::vector<Finding>& found) const {
    // Half a record and more is not worth taking it apart, and one with more than numbers in it is more than data.
    if (used * 2 >= size || size < 16 || !holdsOnlyNumbers(record)) return;
    auto made = finding(in, &view.facts, range,
                        fmt::format("the loop uses {} of the {} bytes of each element of '{}'", used, size, name));
    made.evidence.push_back("whole cache lines are moved; the members that are not wanted take the rest of them");
    made.weight = static_cast<double>(size) / used;
    made.gainFraction = 1 - static_cast<double>(used) / size;
    auto result = structOfArrays(in, record);
    made.fix = std::move(result.fix);
    made.whyNoFix = result.whyNot;
    found.push_back(std::move(made));
  }

  static bool holdsOnlyNumbers(const RecordDecl* record) {
    const auto* written = dyn_cast<CXXRecordDecl>(record);
    if (written && (written->isPolymorphic() || !written->isTriviallyCopyable())) return false;
    return std::all_of(record->field_begin(), record->field_end(), [](const FieldDecl* field) {
      const auto* element = field->getType()->getBaseElementTypeUnsafe();
      return element->isArithmeticType() || element->isEnumeralType() || element->isRecordType();
    });
  }

  static void offer(const CheckInput& in, const Access& access, Finding& made) {
    auto result = structOfArrays(in, access.address.field->getParent());
    made.fix = std::move(result.fix);
    made.whyNoFix = result.whyNot;
  }
};

}  // namespace

const Check& arrayOfStructs() {
  static const ArrayOfStructs check;
  return check;
}

}  // namespace ridgeline::source
