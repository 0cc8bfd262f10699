// Linked into static programs with --wrap of these two names. The start-up code of a static program
// hands the unwinder all its frames, which sorts them at the first exception: 50 million
// instructions. Told of none, it finds them by the sorted table of --eh-frame-hdr instead, as in a
// dynamic program.
void __wrap___register_frame_info(const void* begin, void* object);
void* __wrap___deregister_frame_info(const void* begin);

void __wrap___register_frame_info(const void* begin, void* object) {
  (void)begin;
  (void)object;
}

void* __wrap___deregister_frame_info(const void* begin) {
  (void)begin;
  return 0;
}
