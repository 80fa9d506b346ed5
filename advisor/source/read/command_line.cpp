#include "advisor/source/read/command_line.h"

#include "advisor/source/read/toolkit.h"

#include <clang/Tooling/JSONCompilationDatabase.h>

#include <algorithm>
#include <array>

namespace ridgeline::source {
namespace {

namespace fs = std::filesystem;

bool startsWith(const std::string& text, std::string_view start) { return text.rfind(start, 0) == 0; }

// Clang's own headers (stddef.h, the CUDA wrappers) lie below the driver it is called as.
std::string driverName() {
  std::error_code ec;
  for (const char* folder : {RIDGELINE_LLVM_BIN, "/usr/lib/llvm-19/bin", "/usr/lib64/llvm19/bin"}) {
    if (fs::exists(fs::path(folder).parent_path() / "lib" / "clang" / "19", ec)) return std::string(folder) + "/clang";
  }
  return "clang";
}

Result<std::vector<clang::tooling::CompileCommand>> commandsFor(const fs::path& file, const Options& options) {
  std::error_code ec;
  fs::path database = options.compileCommands;
  const bool named = !database.empty();
  if (named && fs::is_directory(database, ec)) database /= "compile_commands.json";
  for (auto folder = file.parent_path(); !named && database.empty(); folder = folder.parent_path()) {
    for (const auto& candidate : {folder / "compile_commands.json", folder / "build" / "compile_commands.json"}) {
      if (database.empty() && fs::exists(candidate, ec)) database = candidate;
    }
    if (folder == folder.parent_path()) break;
  }
  if (database.empty()) return std::vector<clang::tooling::CompileCommand>{};
  std::string why;
  const auto loaded = clang::tooling::JSONCompilationDatabase::loadFromFile(
      database.string(), why, clang::tooling::JSONCommandLineSyntax::AutoDetect);
  if (loaded) return loaded->getCompileCommands(file.string());
  if (!named) return std::vector<clang::tooling::CompileCommand>{};
  std::replace(why.begin(), why.end(), '\n', ' ');
  return badInput(fmt::format("{}: {}", database.string(), why), "name a compile_commands.json or its folder");
}

void append(std::vector<std::string>& to, std::initializer_list<std::string_view> what) {
  for (const auto each : what) to.emplace_back(each);
}

bool hasStandard(const std::vector<std::string>& flags) {
  return std::any_of(flags.begin(), flags.end(), [](const auto& f) { return startsWith(f, "-std="); });
}

void addCudaFlags(CommandLine& line, const Options& options) {
  auto& args = line.arguments;
  // The device's pass sees kernels as they are compiled, and host code as well.
  append(args,
         {"-x", "cuda", "--cuda-device-only", "--cuda-gpu-arch=sm_80", "-nocudalib", "-Wno-unknown-cuda-version"});
  const auto toolkit = findToolkit(options.cudaPath);
  line.withToolkit = toolkit.has_value();
  if (toolkit) {
    args.push_back("--cuda-path=" + toolkit->string());
    const auto include = (*toolkit / "include").string();
    // Before the program's own folders: some have a cuda.h of their own, which Clang's wrapper must not find.
    append(args, {"-I", kPatchFolder, "-iquote", include});
    // Of a toolkit it does not know, Clang takes launches for those of CUDA 9.0, which no header declares any more.
    append(args, {"-Xclang", "-target-sdk-version=12.5"});
    line.foreignFolders = {kPatchFolder, toolkit->string()};
    std::error_code ec;
    const auto cccl = *toolkit / "include" / "cccl";
    if (fs::exists(cccl, ec)) append(args, {"-I", cccl.native()});
  } else {
    const auto shim = fmt::format("{}/ridgeline_cuda.h", kShimFolder);
    append(args, {"-nocudainc", "-isystem", kShimFolder, "-include", shim});
  }
}

void addLanguageFlags(CommandLine& line, const Options& options, bool haveStandard) {
  auto& args = line.arguments;
  switch (line.language) {
    case Language::Cuda:
      addCudaFlags(line, options);
      if (!haveStandard) args.push_back("-std=c++17");
      break;
    case Language::OpenCl:
      append(args, {"-x", "cl", "-target", "spir64-unknown-unknown", "-Xclang", "-finclude-default-header"});
      if (!haveStandard) args.push_back("-cl-std=CL2.0");
      break;
    case Language::Cxx:
      append(args, {"-x", "c++"});
      if (!haveStandard) args.push_back("-std=c++20");
      break;
    case Language::C:
      append(args, {"-x", "c"});
      break;
  }
}

}  // namespace

Language languageOf(const fs::path& file, const std::string& text) {
  const auto ending = file.extension().string();
  if (ending == ".cu" || ending == ".cuh") return Language::Cuda;
  if (ending == ".cl") return Language::OpenCl;
  if (ending == ".c") return Language::C;
  const bool isHeader = ending == ".h" || ending == ".hpp" || ending == ".hh" || ending == ".inl" || ending.empty();
  if (isHeader && (text.find("__global__") != std::string::npos || text.find("__device__") != std::string::npos)) {
    return Language::Cuda;
  }
  return Language::Cxx;
}

std::vector<std::string> readingFlags(const std::vector<std::string>& flags) {
  static constexpr std::array kWithValue{"-I", "-D", "-U", "-isystem", "-iquote", "-include", "-idirafter"};
  static constexpr std::array kAlone{"-fexceptions",
                                     "-fno-exceptions",
                                     "-frtti",
                                     "-fno-rtti",
                                     "-fopenmp",
                                     "-fms-extensions",
                                     "-fchar8_t",
                                     "-march=",
                                     "-mavx",
                                     "-msse",
                                     "-mfma",
                                     "-mf16c",
                                     "-ffast-math",
                                     "-O",
                                     "--sysroot=",
                                     "-cl-std=",
                                     "-cl-fast-relaxed-math"};
  std::vector<std::string> kept;
  for (size_t i = 0; i < flags.size(); ++i) {
    const auto& flag = flags[i];
    if (flag == "-std" && i + 1 < flags.size()) {
      kept.push_back("-std=" + flags[++i]);
      continue;
    }
    if (startsWith(flag, "-std=") || startsWith(flag, "--std=")) {
      kept.push_back(flag.substr(flag[1] == '-' ? 1 : 0));
      continue;
    }
    for (const std::string name : kWithValue) {
      if (flag == name && i + 1 < flags.size()) {
        append(kept, {name, flags[++i]});
        break;
      }
      if (flag.size() > name.size() && startsWith(flag, name) && flag != "-include-pch") {
        kept.push_back(flag);
        break;
      }
    }
    if (std::any_of(kAlone.begin(), kAlone.end(), [&](const char* name) { return startsWith(flag, name); })) {
      kept.push_back(flag);
    }
  }
  return kept;
}

Result<CommandLine> commandLineFor(const fs::path& file, const std::string& text, const Options& options) {
  CommandLine line;
  line.language = languageOf(file, text);
  line.folder = fs::current_path().string();
  auto flags = readingFlags(options.flags);
  if (options.flags.empty() || !options.compileCommands.empty()) {
    auto commands = commandsFor(file, options);
    if (!commands) return passOn(commands);
    if (!commands->empty()) {
      const auto& command = commands->front();
      line.folder = command.Directory;
      const auto known = readingFlags(command.CommandLine);
      flags.insert(flags.begin(), known.begin(), known.end());
    }
  }
  line.arguments = {driverName()};
  addLanguageFlags(line, options, hasStandard(flags));
  auto& args = line.arguments;
  args.insert(args.end(), flags.begin(), flags.end());
  append(args, {"-w", "-ferror-limit=0", "-fno-spell-checking", "-fsyntax-only"});
  args.push_back(file.string());
  return line;
}

}  // namespace ridgeline::source
