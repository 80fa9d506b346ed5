// One load of 16 bytes instead of four of 4: fewer instructions in flight for the same bytes (NVIDIA developer blog,
// "Increase Performance with Vectorized Memory Access").
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/elementwise.h"
#include "advisor/source/model/pointers.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

using namespace clang;

constexpr int kLanes = 4;
constexpr size_t kLongestBody = 800;  // characters, which the fix repeats for each lane

struct Buffer {
  const ParmVarDecl* pointer = nullptr;
  std::string vectorType;
  int bytes = 0;
  bool written = false, loadsFirst = false, seen = false;
};

std::optional<std::pair<std::string, int>> vectorOf(QualType type) {
  const auto* builtin = type.getCanonicalType()->getAs<BuiltinType>();
  if (!builtin) return std::nullopt;
  switch (builtin->getKind()) {
    case BuiltinType::Float:
      return {{"float4", 4}};
    case BuiltinType::Int:
      return {{"int4", 4}};
    case BuiltinType::UInt:
      return {{"uint4", 4}};
    case BuiltinType::UChar:
      return {{"uchar4", 1}};
    case BuiltinType::Short:
      return {{"short4", 2}};
    case BuiltinType::UShort:
      return {{"ushort4", 2}};
    default:
      return std::nullopt;
  }
}

class ScalarLoads : public CudaCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-scalar-loads", Kind::Access, "An elementwise kernel moves one small element at a time", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (!view.facts.isKernel) continue;
      std::string why;
      const auto kernel = elementwise(in, view, why);
      if (kernel) inspect(in, view, *kernel, found);
    }
  }

 private:
  void inspect(const CheckInput& in, const FunctionView& view, const ElementwiseKernel& kernel,
               std::vector<Finding>& found) const {
    std::vector<Buffer> buffers;
    std::string why;
    for (const auto& use : kernel.uses) {
      auto at = std::find_if(buffers.begin(), buffers.end(), [&](const Buffer& b) { return b.pointer == use.pointer; });
      if (at == buffers.end()) {
        const auto vector = vectorOf(use.pointer->getType()->getPointeeType());
        if (!vector) return;
        at = buffers.insert(buffers.end(), {use.pointer, vector->first, vector->second});
      }
      if (!at->seen) at->loadsFirst = use.read;
      at->seen = true;
      at->written = at->written || use.write;
      if (use.conditional) why = "not every thread reads '" + use.pointer->getNameAsString() + "'";
    }
    if (std::none_of(buffers.begin(), buffers.end(), [](const Buffer& b) { return b.bytes == 4; })) return;
    auto made = finding(in, &view.facts, kernel.uses.front().expr->getSourceRange(),
                        fmt::format("'{}' moves {} bytes per load where 16 would do",
                                    view.facts.decl->getNameAsString(), buffers.front().bytes));
    made.evidence.push_back(
        "every thread handles one element of each array; four at once need a quarter of the loads "
        "and stores");
    made.weight = 1;
    made.gainFraction = 0.1;
    if (why.empty()) why = whyNot(in, view, kernel, buffers);
    made.whyNoFix = why;
    if (why.empty()) made.fix = write(in, view, kernel, buffers);
    if (!made.fix && made.whyNoFix.empty()) made.whyNoFix = "a part of it is written by a macro";
    found.push_back(std::move(made));
  }

  static std::string whyNot(const CheckInput& in, const FunctionView& view, const ElementwiseKernel& kernel,
                            const std::vector<Buffer>& buffers) {
    if (kernel.usesThread) return "its body asks for the thread's place";
    size_t length = 0;
    for (const auto* s : kernel.body) length += in.file.text().of(s).size();
    if (length > kLongestBody) return "its body is too long to be repeated";
    // All loads come before all stores afterwards, so no load may see what a store to another array wrote.
    const auto launches = in.file.launchesOf(view.facts.decl);
    const bool allSeen = in.file.allUsesSeen(view.facts.decl) && !launches.empty() &&
                         launches.size() == in.file.mentions(view.facts.decl).size();
    std::set<const ParmVarDecl*> written;
    for (const auto& use : kernel.uses) {
      for (const auto* earlier : written) {
        if (!use.read || earlier == use.pointer) continue;
        if (earlier->getType().isRestrictQualified() && use.pointer->getType().isRestrictQualified()) continue;
        if (!allSeen) return mayBeSame(earlier, use.pointer);
        for (const auto& launch : launches) {
          const auto* a = namedVariable(launch.call->getArg(earlier->getFunctionScopeIndex()));
          const auto* b = namedVariable(launch.call->getArg(use.pointer->getFunctionScopeIndex()));
          if (!a || !b || a == b || mayOverlap(in.file, a, b)) return mayBeSame(earlier, use.pointer);
        }
      }
      if (use.write) written.insert(use.pointer);
    }
    if (kernel.gridStride) return "";
    // A launch with fewer threads than elements would have left the rest alone.
    if (!allSeen) return "its launches are not all seen: one may cover only a part of the range";
    for (const auto& launch : launches) {
      const auto position = kernel.bound->getFunctionScopeIndex();
      if (position >= launch.call->getNumArgs() || !coversRange(in, launch, launch.call->getArg(position))) {
        return "a launch may cover only a part of the range";
      }
    }
    (void)buffers;
    return "";
  }

  static std::string mayBeSame(const ParmVarDecl* a, const ParmVarDecl* b) {
    return fmt::format("'{}' and '{}' may be the same memory", a->getNameAsString(), b->getNameAsString());
  }

  // The body with elements in registers; `lane` from 0, or -1 for the element at `index` in memory.
  static std::optional<std::string> bodyFor(const CheckInput& in, const ElementwiseKernel& kernel, int lane,
                                            const std::map<const ParmVarDecl*, std::string>& names,
                                            const std::string& index) {
    static const char* const kAxes[] = {"x", "y", "z", "w"};
    const auto& text = in.file.text();
    std::string out;
    for (const auto* s : kernel.body) {
      const auto span = text.statement(s);
      if (!span) return std::nullopt;
      std::vector<Edit> edits;
      bool fine = true;
      walk(s, [&](const Stmt* each) {
        if (const auto* subscript = dyn_cast<ArraySubscriptExpr>(each); subscript && lane >= 0) {
          const auto* pointer = dyn_cast_or_null<ParmVarDecl>(namedVariable(subscript->getBase()));
          const auto named = pointer ? names.find(pointer) : names.end();
          if (named != names.end()) {
            const auto where = text.span(each);
            fine = fine && where;
            if (where) edits.push_back(replace(*where, named->second + "." + kAxes[lane]));
            return false;
          }
        }
        const auto* named = dyn_cast<DeclRefExpr>(each);
        if (named && named->getDecl()->getCanonicalDecl() == kernel.index->getCanonicalDecl()) {
          const auto where = text.span(each);
          fine = fine && where;
          if (where) edits.push_back(replace(*where, index));
        }
        return true;
      });
      if (!fine) return std::nullopt;
      out += rewritten(text, *span, edits) + "\n";
    }
    return out;
  }

  static std::optional<Fix> write(const CheckInput& in, const FunctionView& view, const ElementwiseKernel& kernel,
                                  const std::vector<Buffer>& buffers) {
    const auto& text = in.file.text();
    const auto* block = cast<CompoundStmt>(view.facts.body);
    const auto whole = text.span(block);
    const auto start = kernel.index->getInit() ? text.of(kernel.index->getInit()) : "";
    if (!whole || start.empty()) return std::nullopt;
    const auto index = kernel.index->getNameAsString();
    const auto bound = kernel.bound->getNameAsString();
    const auto boundType = kernel.bound->getType().getUnqualifiedType().getAsString();
    const auto wholeName = text.freshName("whole");
    std::map<const ParmVarDecl*, std::string> names;
    std::string addresses, loads, stores;
    for (const auto& b : buffers) {
      const auto name = b.pointer->getNameAsString();
      const auto vector = text.freshName(name + "4");
      names[b.pointer] = vector;
      const auto constant = b.pointer->getType()->getPointeeType().isConstQualified() ? "const " : "";
      const auto element = fmt::format("reinterpret_cast<{}{}*>({})[{}]", constant, b.vectorType, name, index);
      if (b.bytes == 4) {
        addresses += (addresses.empty() ? "" : " | ") + fmt::format("reinterpret_cast<unsigned long long>({})", name);
      } else {
        addresses += (addresses.empty() ? "" : " | ") +
                     fmt::format("reinterpret_cast<unsigned long long>({}) * {}", name, 4 / b.bytes);
      }
      loads += b.vectorType + " " + vector + (b.loadsFirst ? " = " + element : "") + ";\n";
      if (b.written) stores += element + " = " + vector + ";\n";
    }
    std::string lanes;
    const bool scope =
        std::any_of(kernel.body.begin(), kernel.body.end(), [](const Stmt* s) { return isa<DeclStmt>(s); });
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto body = bodyFor(in, kernel, lane, names, fmt::format("({} * {} + {})", kLanes, index, lane));
      if (!body) return std::nullopt;
      lanes += scope ? "{\n" + *body + "}\n" : *body;
    }
    const auto tail = bodyFor(in, kernel, -1, names, index);
    if (!tail) return std::nullopt;
    std::string out =
        "{\n// Four elements at once, as far as they go and where every array allows it; the rest one by one.\n";
    const auto aligned = text.freshName("aligned");
    out += fmt::format("const bool {} = ({}) % 16 == 0;\n", aligned, addresses);
    out += fmt::format("const {} {} = {} ? {} / {} : 0;\n", boundType, wholeName, aligned, bound, kLanes);
    const auto indexType = kernel.index->getType().getUnqualifiedType().getAsString();
    std::string step;
    if (kernel.gridStride) {
      for (const auto* s : block->body()) {
        if (!isa<DeclStmt>(s)) break;
        const auto line = text.statement(s);
        if (!line) return std::nullopt;
        out += text.at(*line) + "\n";
      }
      step = text.of(kernel.gridStride->getInc());
      if (step.empty()) return std::nullopt;
      out += fmt::format("for ({0} {1} = {2}; {1} < {3}; {4}) {{\n", indexType, index, start, wholeName, step);
      out += loads + lanes + stores + "}\n";
      out += fmt::format("for ({0} {1} = {2} * {3} + {4}; {1} < {5}; {6}) {{\n", indexType, index, kLanes, wholeName,
                         start, bound, step);
      out += *tail + "}\n}";
    } else {
      const auto first = text.freshName("first");
      out += fmt::format("const {} {} = {};\n", indexType, first, start);
      out += fmt::format("if ({} < {}) {{\nconst {} {} = {};\n", first, wholeName, indexType, index, first);
      out += loads + lanes + stores + "}\n";
      out += fmt::format("if ({0} < {1} - {2} * {3}) {{\nconst {4} {5} = {2} * {3} + {0};\n", first, bound, kLanes,
                         wholeName, indexType, index);
      out += *tail + "}\n}";
    }
    Fix fix;
    fix.title = "load and store four elements at once";
    fix.scopes.insert(view.facts.name);
    fix.edits.push_back(replace(*whole, out));
    return fix;
  }
};

}  // namespace

const Check& scalarLoads() {
  static const ScalarLoads check;
  return check;
}

}  // namespace ridgeline::source
