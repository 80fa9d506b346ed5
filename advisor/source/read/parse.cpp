#include "advisor/source/read/parse.h"

#include "advisor/source/read/toolkit.h"

#include <clang/AST/ASTContext.h>
#include <clang/CodeGen/CodeGenAction.h>
#include <clang/Frontend/ASTUnit.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/TextDiagnosticPrinter.h>
#include <clang/Frontend/Utils.h>
#include <clang/Serialization/PCHContainerOperations.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/CrashRecoveryContext.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <algorithm>
#include <mutex>

namespace ridgeline::source {
namespace {

using FileSystem = llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>;

// Deeply nested expressions are parsed, and walked, by recursion.
constexpr unsigned kStackBytes = 256u << 20;
constexpr size_t kMostProblems = 20;

FileSystem fileSystemFor(const std::filesystem::path& file, const std::string& text, const std::string& folder) {
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(file.string(), 0, llvm::MemoryBuffer::getMemBufferCopy(text));
  for (const auto* files : {&shimFiles(), &toolkitPatches()}) {
    for (const auto& [name, content] : *files) memory->addFile(name, 0, llvm::MemoryBuffer::getMemBuffer(content));
  }
  auto all = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::createPhysicalFileSystem());
  all->pushOverlay(memory);
  all->setCurrentWorkingDirectory(folder);
  return all;
}

// Collects errors, and counts those of the file itself.
class Errors : public clang::DiagnosticConsumer {
 public:
  explicit Errors(const std::vector<std::string>& foreign) : m_foreign(foreign) {}
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override {
    DiagnosticConsumer::HandleDiagnostic(level, info);
    if (level < clang::DiagnosticsEngine::Error) return;
    llvm::SmallString<256> text;
    info.FormatDiagnostic(text);
    std::string line(text.str());
    std::replace(line.begin(), line.end(), '\n', ' ');
    if (info.hasSourceManager() && info.getLocation().isValid()) {
      const auto& sources = info.getSourceManager();
      const auto at = sources.getExpansionLoc(info.getLocation());
      // What a system's or a toolkit's header says of itself is not the file's fault.
      if (sources.isInSystemHeader(at)) return;
      const auto place = sources.getPresumedLoc(at);
      if (place.isValid() && isForeign(place.getFilename())) return;
      if (sources.isInMainFile(at)) ++m_inFile;
      if (place.isValid()) line = fmt::format("line {}: {}", place.getLine(), line);
      if (place.isValid() && !sources.isInMainFile(at)) {
        line = std::filesystem::path(place.getFilename()).filename().string() + " " + line;
      }
    } else {
      ++m_inFile;
    }
    if (m_lines.size() < kMostProblems) m_lines.push_back(line);
  }
  int inFile() const { return m_inFile; }
  std::vector<std::string> take() { return std::move(m_lines); }

 private:
  bool isForeign(const std::string& file) const {
    return std::any_of(m_foreign.begin(), m_foreign.end(), [&](const auto& f) { return file.rfind(f, 0) == 0; });
  }

  const std::vector<std::string>& m_foreign;
  int m_inFile = 0;
  std::vector<std::string> m_lines;
};

void useUnit(clang::ASTUnit& unit, Errors& errors, const std::function<void(const ParsedFile&)>& use) {
  ParsedFile parsed;
  parsed.context = &unit.getASTContext();
  const auto& sources = unit.getSourceManager();
  for (auto at = unit.top_level_begin(); at != unit.top_level_end(); ++at) {
    const auto where = sources.getExpansionLoc((*at)->getLocation());
    if (where.isValid() && sources.isInMainFile(where)) parsed.topLevel.push_back(*at);
  }
  parsed.errors = errors.inFile();
  parsed.problems = errors.take();
  use(parsed);
}

// Nullptr, with the reason as the first of the errors, when Clang will not start.
std::unique_ptr<clang::ASTUnit> load(const FileSystem& files, const CommandLine& line, Errors& errors) {
  auto diagnostics = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &errors, false);
  // A header that is missing must not end everything after it.
  diagnostics->setFatalsAsError(true);
  diagnostics->setErrorLimit(0);
  clang::CreateInvocationOptions how;
  how.Diags = diagnostics;
  how.VFS = files;
  how.RecoverOnError = true;
  std::vector<const char*> arguments;
  for (const auto& a : line.arguments) arguments.push_back(a.c_str());
  std::shared_ptr<clang::CompilerInvocation> invocation = clang::createInvocation(arguments, how);
  if (!invocation) return nullptr;
  invocation->getFrontendOpts().DisableFree = false;
  auto* manager = new clang::FileManager(clang::FileSystemOptions{line.folder}, files);
  return clang::ASTUnit::LoadFromCompilerInvocation(invocation, std::make_shared<clang::PCHContainerOperations>(),
                                                    diagnostics, manager);
}

class RemarkSink : public clang::DiagnosticConsumer {
 public:
  explicit RemarkSink(std::vector<Remark>& remarks) : m_remarks(remarks) {}
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override {
    if (level != clang::DiagnosticsEngine::Remark || !info.hasSourceManager()) return;
    const auto& sources = info.getSourceManager();
    const auto at = sources.getExpansionLoc(info.getLocation());
    if (!at.isValid() || !sources.isInMainFile(at)) return;
    llvm::SmallString<256> text;
    info.FormatDiagnostic(text);
    const std::string line(text.str());
    m_remarks.push_back({sources.getExpansionLineNumber(at), sources.getExpansionColumnNumber(at),
                         line.rfind("vectorized loop", 0) == 0, line});
  }

 private:
  std::vector<Remark>& m_remarks;
};

void collectRemarks(const FileSystem& files, const CommandLine& line, std::vector<Remark>& remarks) {
  RemarkSink sink(remarks);
  auto diagnostics = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &sink, false);
  clang::CreateInvocationOptions how;
  how.Diags = diagnostics;
  how.VFS = files;
  std::vector<std::string> all = line.arguments;
  const auto file = all.back();
  all.pop_back();
  all.insert(all.end(),
             {"-O3", "-Rpass=loop-vectorize", "-Rpass-missed=loop-vectorize", "-Rpass-analysis=loop-vectorize",
              "-gline-tables-only", "-emit-llvm", "-c", "-o", "/dev/null", file});
  std::erase(all, "-fsyntax-only");
  std::vector<const char*> arguments;
  for (const auto& a : all) arguments.push_back(a.c_str());
  std::shared_ptr<clang::CompilerInvocation> invocation = clang::createInvocation(arguments, how);
  if (!invocation) return;
  clang::CompilerInstance compiler;
  compiler.setInvocation(invocation);
  compiler.createDiagnostics(&sink, false);
  compiler.setFileManager(new clang::FileManager(clang::FileSystemOptions{line.folder}, files));
  llvm::LLVMContext context;
  clang::EmitLLVMOnlyAction action(&context);
  compiler.ExecuteAction(action);
}

void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::CrashRecoveryContext::Enable();
  });
}

}  // namespace

Status parseText(const std::filesystem::path& file, const std::string& text, const CommandLine& line,
                 const std::function<void(const ParsedFile&)>& use) {
  initializeTargets();
  bool started = false;
  std::string why;
  llvm::CrashRecoveryContext guard;
  const bool survived = guard.RunSafelyOnThread(
      [&] {
        Errors errors(line.foreignFolders);
        const auto unit = load(fileSystemFor(file, text, line.folder), line, errors);
        started = unit != nullptr;
        if (started) return useUnit(*unit, errors, use);
        const auto lines = errors.take();
        why = lines.empty() ? "Clang did not accept the flags" : lines.front();
      },
      kStackBytes);
  if (!survived) return internalError(fmt::format("{}: Clang crashed while reading it", file.filename().string()));
  if (!started) return badInput(fmt::format("{}: cannot be read: {}", file.filename().string(), why));
  return {};
}

std::vector<Remark> vectorizerRemarks(const std::filesystem::path& file, const std::string& text,
                                      const CommandLine& line) {
  initializeTargets();
  std::vector<Remark> remarks;
  llvm::CrashRecoveryContext guard;
  guard.RunSafelyOnThread([&] { collectRemarks(fileSystemFor(file, text, line.folder), line, remarks); }, kStackBytes);
  return remarks;
}

}  // namespace ridgeline::source
