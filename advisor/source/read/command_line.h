// With which flags a file is read: from compile_commands.json, or those given, made fit for Clang.
#pragma once

#include "advisor/source/source.h"

#include <string>
#include <vector>

namespace ridgeline::source {

struct CommandLine {
  std::vector<std::string> arguments;  // for Clang's driver, the program's name first and the file last
  std::string folder;                  // in which they are meant
  Language language = Language::Cxx;
  std::vector<std::string> foreignFolders;  // whose headers' own errors are nobody's fault here
  bool withToolkit = false;                 // CUDA: the toolkit's headers are read, else the built-in ones
};

// By the file's name and, for headers, by what is in it.
Language languageOf(const std::filesystem::path& file, const std::string& text);

// What of a compiler's flags (nvcc's, GCC's, Clang's) says how a file is to be read: macros, folders, standard.
std::vector<std::string> readingFlags(const std::vector<std::string>& flags);

// BadInput when a compile_commands.json was named and cannot be read.
Result<CommandLine> commandLineFor(const std::filesystem::path& file, const std::string& text, const Options& options);

}  // namespace ridgeline::source
