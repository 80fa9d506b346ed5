#include "plugins/cuda/roofs/kernel_text.h"

namespace ridgeline::cuda {
namespace {

// The oldest target that today's tools accept: PTX for it runs on every newer GPU.
constexpr const char* kHead = R"ptx(.version 7.0
.target sm_75
.address_size 64
)ptx";

// %r5: this thread's number; %r7: how many there are.
constexpr const char* kThreadNumber = R"ptx(
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mov.u32 %r4, %tid.x;
  mad.lo.u32 %r5, %r2, %r3, %r4;
  mov.u32 %r6, %nctaid.x;
  mul.lo.u32 %r7, %r6, %r3;
)ptx";

constexpr const char* kFill = R"ptx(
.visible .entry fill(.param .u64 out, .param .u64 words, .param .u32 even_and, .param .u32 even_or,
                     .param .u32 odd_and, .param .u32 odd_or)
{
  .reg .pred %p<3>;
  .reg .b32 %r<24>;
  .reg .b64 %d<8>;
  ld.param.u64 %d1, [out];
  cvta.to.global.u64 %d1, %d1;
  ld.param.u64 %d2, [words];
  ld.param.u32 %r10, [even_and];
  ld.param.u32 %r11, [even_or];
  ld.param.u32 %r12, [odd_and];
  ld.param.u32 %r13, [odd_or];
)ptx";

// The hash is Murmur's finalizer of the word's number.
constexpr const char* kFillBody = R"ptx(
  and.b32 %r14, %r5, 1;
  setp.eq.u32 %p1, %r14, 0;
  selp.b32 %r10, %r10, %r12, %p1;
  selp.b32 %r11, %r11, %r13, %p1;
  cvt.u64.u32 %d3, %r5;
  cvt.u64.u32 %d4, %r7;
FILL:
  setp.ge.u64 %p2, %d3, %d2;
  @%p2 bra FILLED;
  cvt.u32.u64 %r15, %d3;
  add.u32 %r15, %r15, 2654435769;
  shr.u32 %r16, %r15, 16;
  xor.b32 %r15, %r15, %r16;
  mul.lo.u32 %r15, %r15, 2246822507;
  shr.u32 %r16, %r15, 13;
  xor.b32 %r15, %r15, %r16;
  mul.lo.u32 %r15, %r15, 3266489909;
  shr.u32 %r16, %r15, 16;
  xor.b32 %r15, %r15, %r16;
  and.b32 %r15, %r15, %r10;
  or.b32 %r15, %r15, %r11;
  shl.b64 %d5, %d3, 2;
  add.u64 %d5, %d5, %d1;
  st.global.u32 [%d5], %r15;
  add.u64 %d3, %d3, %d4;
  bra FILL;
FILLED:
  ret;
}
)ptx";

constexpr const char* kNextPass = "  sub.u32 %r1, %r1, 1;\n  setp.ne.u32 %p2, %r1, 0;\n  @%p2 bra PASS;\n";

std::string n(int number) { return std::to_string(number); }

std::string vectorOf(int first) {
  return "{%f" + n(first) + ", %f" + n(first + 1) + ", %f" + n(first + 2) + ", %f" + n(first + 3) + "}";
}

std::string pointer(int reg, const char* name) {
  return "  ld.param.u64 %d" + n(reg) + ", [" + name + "];\n  cvta.to.global.u64 %d" + n(reg) + ", %d" + n(reg) + ";\n";
}

// From here on %d4: this thread's first byte; %d5: bytes from one of its vectors to the next; %r1: passes.
std::string streamHead(const std::string& name, const std::string& pointers, const std::string& loads) {
  return ".visible .entry " + name + "(" + pointers + ".param .u64 vectors, .param .u32 passes)\n{\n" +
         "  .reg .pred %p<3>;\n  .reg .f32 %f<48>;\n  .reg .b32 %r<8>;\n  .reg .b64 %d<24>;\n" + loads +
         "  ld.param.u64 %d3, [vectors];\n  ld.param.u32 %r1, [passes];" + kThreadNumber +
         "  cvt.u64.u32 %d4, %r5;\n  shl.b64 %d4, %d4, 4;\n  cvt.u64.u32 %d5, %r7;\n  shl.b64 %d5, %d5, 4;\n"
         "  shl.b64 %d3, %d3, 4;\n";
}

// Four loads at once, each into sums of its own.
std::string readAll() {
  auto text = streamHead("read_all", ".param .u64 in, .param .u64 out, ", pointer(1, "in") + pointer(2, "out"));
  for (int i = 0; i < 16; ++i) text += "  mov.f32 %f" + n(i) + ", 0f00000000;\n";
  text += "PASS:\n  mov.u64 %d6, %d4;\nNEXT:\n  add.u64 %d7, %d6, %d1;\n";
  for (int i = 0; i < kVectorsAtOnce; ++i) {
    if (i > 0) text += "  add.u64 %d7, %d7, %d5;\n";
    text += "  ld.global.cg.v4.f32 " + vectorOf(16 + 4 * i) + ", [%d7];\n";
  }
  for (int i = 0; i < 16; ++i) text += "  add.f32 %f" + n(i) + ", %f" + n(i) + ", %f" + n(16 + i) + ";\n";
  text += "  shl.b64 %d8, %d5, 2;\n  add.u64 %d6, %d6, %d8;\n  setp.lt.u64 %p1, %d6, %d3;\n  @%p1 bra NEXT;\n";
  text += kNextPass;
  for (int i = 4; i < 16; ++i) text += "  add.f32 %f" + n(i % 4) + ", %f" + n(i % 4) + ", %f" + n(i) + ";\n";
  return text + "  add.u64 %d9, %d2, %d4;\n  st.global.v4.f32 [%d9], " + vectorOf(0) + ";\n  ret;\n}\n";
}

std::string triad() {
  auto text = streamHead("triad", ".param .u64 a, .param .u64 b, .param .u64 c, ",
                         pointer(1, "a") + pointer(2, "b") + pointer(10, "c"));
  text += "PASS:\n  mov.u64 %d6, %d4;\nNEXT:\n  mov.u64 %d7, %d6;\n";
  for (int i = 0; i < kVectorsAtOnce; ++i) {
    const auto at = "%d" + n(12 + i);
    text += "  mov.u64 " + at + ", %d7;\n  add.u64 %d8, " + at + ", %d2;\n  ld.global.cg.v4.f32 " + vectorOf(4 * i) +
            ", [%d8];\n  add.u64 %d8, " + at + ", %d10;\n  ld.global.cg.v4.f32 " + vectorOf(16 + 4 * i) +
            ", [%d8];\n  add.u64 %d7, %d7, %d5;\n";
  }
  for (int i = 0; i < 16; ++i)
    text += "  fma.rn.f32 %f" + n(i) + ", %f" + n(16 + i) + ", 0f40400000, %f" + n(i) + ";\n";
  for (int i = 0; i < kVectorsAtOnce; ++i)
    text += "  add.u64 %d8, %d" + n(12 + i) + ", %d1;\n  st.global.v4.f32 [%d8], " + vectorOf(4 * i) + ";\n";
  text += "  mov.u64 %d6, %d7;\n  setp.lt.u64 %p1, %d6, %d3;\n  @%p1 bra NEXT;\n";
  return text + kNextPass + "  ret;\n}\n";
}

struct Number {
  const char *name, *type, *factor, *term;
  int log2Bytes;
};

// Chains start from the thread's number, so that nothing can be known beforehand, and end near 1.
std::string peak(const Number& number) {
  const std::string type = number.type;
  auto text = std::string(".visible .entry ") + number.name +
              "(.param .u64 out, .param .u32 passes)\n{\n  .reg .pred %p<3>;\n  .reg ." + type +
              " %f<24>;\n  .reg .b32 %r<8>;\n  .reg .b64 %d<8>;\n" + pointer(1, "out") +
              "  ld.param.u32 %r1, [passes];" + kThreadNumber;
  for (int i = 0; i < kPeakChains; ++i)
    text += "  add.u32 %r6, %r5, " + n(i) + ";\n  cvt.rn." + type + ".u32 %f" + n(i) + ", %r6;\n";
  text += "PASS:\n";
  for (int step = 0; step < kPeakSteps; ++step) {
    for (int i = 0; i < kPeakChains; ++i)
      text += "  fma.rn." + type + " %f" + n(i) + ", %f" + n(i) + ", " + number.factor + ", " + number.term + ";\n";
  }
  text += kNextPass;
  for (int i = 1; i < kPeakChains; ++i) text += "  add." + type + " %f0, %f0, %f" + n(i) + ";\n";
  return text + "  cvt.u64.u32 %d2, %r5;\n  shl.b64 %d2, %d2, " + n(number.log2Bytes) +
         ";\n  add.u64 %d2, %d2, %d1;\n  st.global." + type + " [%d2], %f0;\n  ret;\n}\n";
}

}  // namespace

std::string roofKernels() {
  // The factor is 0.9999, the term 0.0001.
  return std::string(kHead) + kFill + kThreadNumber + kFillBody + readAll() + triad() +
         peak({"peak_f32", "f32", "0f3F7FF972", "0f38D1B717", 2}) +
         peak({"peak_f64", "f64", "0d3FEFFF2E48E8A71E", "0d3F1A36E2EB1C432D", 3});
}

}  // namespace ridgeline::cuda
