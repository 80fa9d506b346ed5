#include "advisor/source/inspect.h"

#include "advisor/source/checks/check.h"
#include "advisor/source/read/parse.h"

#include <algorithm>
#include <tuple>

namespace ridgeline::source {
namespace {

bool matches(const std::string& pattern, const std::string& name) {
  if (!pattern.empty() && pattern.back() == '*') return name.rfind(pattern.substr(0, pattern.size() - 1), 0) == 0;
  return pattern == name;
}

void count(const FileFacts& facts, FileReport& report) {
  for (const auto& function : facts.functions()) {
    ++report.functions;
    report.functionsInPart += function->inPart;
    report.kernels += function->isKernel;
    report.kernelsInPart += function->isKernel && function->inPart;
  }
}

// Kernels that the text names outside comments and that the parser lost: after an error it skips to what it knows
// again.
int namedKernels(const std::string& text, const clang::LangOptions& language) {
  clang::Lexer lexer(clang::SourceLocation(), language, text.data(), text.data(), text.data() + text.size());
  int named = 0;
  bool inDirective = false, pending = false;
  int depth = 0;
  clang::Token token;
  while (!lexer.LexFromRawLexer(token)) {
    if (token.isAtStartOfLine()) inDirective = token.is(clang::tok::hash);
    if (inDirective) continue;
    if (token.is(clang::tok::raw_identifier) && token.getRawIdentifier() == "__global__") pending = true;
    if (!pending) continue;
    if (token.is(clang::tok::l_paren)) ++depth;
    if (token.is(clang::tok::r_paren)) --depth;
    if (depth == 0 && token.is(clang::tok::l_brace)) {
      ++named;
      pending = false;
    }
    if (depth == 0 && token.is(clang::tok::semi)) pending = false;
  }
  return named;
}

// From every kernel down its calls.
std::map<const FunctionFacts*, std::set<std::string>> callersOf(const FileFacts& facts) {
  std::map<const FunctionFacts*, std::set<std::string>> callers;
  for (const auto& kernel : facts.functions()) {
    if (!kernel->isKernel) continue;
    std::vector<const FunctionFacts*> open{kernel.get()};
    while (!open.empty()) {
      const auto* function = open.back();
      open.pop_back();
      walk(function->body, [&](const clang::Stmt* s) {
        const auto* named = clang::dyn_cast<clang::DeclRefExpr>(s);
        const auto* callee = named ? clang::dyn_cast<clang::FunctionDecl>(named->getDecl()) : nullptr;
        const auto* called = facts.factsOf(callee);
        if (called && !called->isKernel && callers[called].insert(kernel->name).second) open.push_back(called);
        return true;
      });
    }
  }
  return callers;
}

void runChecks(const FileFacts& facts, const std::vector<Remark>& remarks, const std::set<std::string>& checks,
               std::vector<Finding>& findings) {
  Atoms atoms;
  std::deque<FunctionView> functions;
  for (const auto& function : facts.functions()) {
    functions.push_back({*function, IndexReader(facts, *function, atoms), {}});
    functions.back().accesses = accessesOf(facts, *function, functions.back().index);
  }
  const auto callers = callersOf(facts);
  const CheckInput in{facts, atoms, functions, remarks, callers};
  for (const auto* check : allChecks()) {
    if (check->handles(facts.language()) && checks.count(check->info().name)) check->run(in, findings);
  }
}

}  // namespace

Result<std::set<std::string>> selectedChecks(const Options& options) {
  std::set<std::string> selected;
  const bool onlyTakesAway =
      std::all_of(options.checks.begin(), options.checks.end(), [](const auto& p) { return p.rfind('-', 0) == 0; });
  for (const auto* check : allChecks()) {
    if (onlyTakesAway) selected.insert(check->info().name);
  }
  for (const auto& wanted : options.checks) {
    const bool takesAway = wanted.rfind('-', 0) == 0;
    const auto pattern = takesAway ? wanted.substr(1) : wanted;
    bool any = false;
    for (const auto* check : allChecks()) {
      const auto name = check->info().name;
      if (!matches(pattern, name)) continue;
      any = true;
      takesAway ? (void)selected.erase(name) : (void)selected.insert(name);
    }
    if (!any) return fail(ErrorCode::Usage, fmt::format("no check is called '{}'", pattern), "see --list-checks");
  }
  return selected;
}

Result<Inspected> inspect(const std::filesystem::path& file, const std::string& text, const Options& options,
                          const std::set<std::string>& checks) {
  if (text.find('\0') != std::string::npos) return badInput(file.string() + ": is not a text file");
  std::error_code ec;
  const auto absolute = std::filesystem::absolute(file, ec);
  auto line = commandLineFor(absolute, text, options);
  if (!line) return passOn(line);
  Inspected result;
  result.report.file = file.string();
  result.report.language = line->language;
  std::vector<Remark> remarks;
  const bool onCpu = line->language == Language::Cxx || line->language == Language::C;
  if (onCpu && checks.count("cpu-not-vectorized")) remarks = vectorizerRemarks(absolute, text, *line);
  auto done = parseText(absolute, text, *line, [&](const ParsedFile& parsed) {
    const FileFacts facts(parsed, line->language);
    count(facts, result.report);
    if (parsed.errors > 0 && line->language == Language::Cuda) {
      const int named = namedKernels(text, parsed.context->getLangOpts());
      result.report.kernelsUnread = std::max(0, named - result.report.kernels);
    }
    result.report.problems = parsed.problems;
    result.errors = parsed.errors;
    runChecks(facts, remarks, checks, result.findings);
  });
  if (!done) return passOn(done);
  for (auto& finding : result.findings) finding.file = file.string();
  std::stable_sort(result.findings.begin(), result.findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  const auto same = [](const Finding& a, const Finding& b) {
    return std::tie(a.line, a.column, a.check, a.message) == std::tie(b.line, b.column, b.check, b.message);
  };
  result.findings.erase(std::unique(result.findings.begin(), result.findings.end(), same), result.findings.end());
  return result;
}

}  // namespace ridgeline::source
