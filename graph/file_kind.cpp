#include "graph/file_kind.h"

#include <algorithm>

namespace ridgeline::graph {
namespace {

enum class FileKind { CutOnnx, OrtFormat, Zip, LfsPointer, Text, Other };

bool isText(std::string_view head) {
  return std::all_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : byte == '\n' || byte == '\r' || byte == '\t' || byte == '\f';
  });
}

FileKind kindOf(std::string_view head) {
  head = head.substr(0, 4096);
  if (head.substr(0, 40).starts_with("version https://git-lfs")) return FileKind::LfsPointer;
  if (head.size() >= 8 && head.substr(4, 4) == "ORTM") return FileKind::OrtFormat;
  if (head.starts_with("PK\x03\x04")) return FileKind::Zip;
  if (isText(head)) return FileKind::Text;
  // Writers put ModelProto's first field, ir_version, first: tag 8, then a small number.
  if (head.size() >= 2 && head[0] == 0x08 && head[1] > 0 && head[1] < 64) return FileKind::CutOnnx;
  return FileKind::Other;
}

}  // namespace

std::string whyNoModel(std::string_view head) {
  switch (kindOf(head)) {
    case FileKind::CutOnnx:
      return "the ONNX model is damaged or cut short";
    case FileKind::OrtFormat:
      return "not an ONNX model but one in ONNX Runtime's own format";
    case FileKind::Zip:
      return "not an ONNX model but a zip archive";
    case FileKind::LfsPointer:
      return "not an ONNX model but a Git LFS pointer to one";
    case FileKind::Text:
      return "not an ONNX model but a text file";
    case FileKind::Other:
      break;
  }
  return "not an ONNX model";
}

std::string hintFor(std::string_view head) {
  switch (kindOf(head)) {
    case FileKind::CutOnnx:
      return "copy or download it again";
    case FileKind::OrtFormat:
      return "hand in the .onnx file it was made from";
    case FileKind::Zip:
      return "PyTorch checkpoints must be exported to ONNX first; archives unpacked";
    case FileKind::LfsPointer:
      return "fetch it with 'git lfs pull'";
    case FileKind::Text:
    case FileKind::Other:
      break;
  }
  return {};
}

}  // namespace ridgeline::graph
