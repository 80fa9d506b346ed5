// Texture references, which toolkits from 12 on no longer declare and older programs use.
#pragma once

#if !defined(CUDA_VERSION) || CUDA_VERSION >= 12000
template <class T, int kDimensions = 1, cudaTextureReadMode kMode = cudaReadModeElementType>
struct __attribute__((device_builtin_texture_type)) texture {
  int normalized;
  cudaTextureFilterMode filterMode;
  cudaTextureAddressMode addressMode[3];
};
template <class T, int kDimensions, cudaTextureReadMode kMode>
__attribute__((device)) T tex1Dfetch(texture<T, kDimensions, kMode> from, int x);
template <class T, int kDimensions, cudaTextureReadMode kMode>
__attribute__((device)) T tex1D(texture<T, kDimensions, kMode> from, float x);
template <class T, int kDimensions, cudaTextureReadMode kMode>
__attribute__((device)) T tex2D(texture<T, kDimensions, kMode> from, float x, float y);
template <class T, int kDimensions, cudaTextureReadMode kMode>
__attribute__((device)) T tex3D(texture<T, kDimensions, kMode> from, float x, float y, float z);
#endif
