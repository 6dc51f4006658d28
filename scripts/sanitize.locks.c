// Tells ThreadSanitizer of locks that wait. Where nobody waits, what Synchronization.Mutex does is compiled into our code,
// and is seen; waiting and waking are done by the kernel and by a library that is not built for the sanitizer, and without
// this each lock that was waited for is reported as a race. Loaded before the other libraries.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define MUTEX __attribute__((swift_context)) void *
#define SWIFT __attribute__((swiftcall))

// Only programs that are built for the sanitizer have these.
extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

// Synchronization._MutexHandle._lockSlow(UInt32) and _unlockSlow(), of Linux.
SWIFT void lockSlow(uint32_t thread, MUTEX mutex) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void unlockSlow(MUTEX mutex) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

SWIFT void lockSlow(uint32_t thread, MUTEX mutex) {
    SWIFT void (*waiting)(uint32_t, MUTEX) =
        dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    waiting(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlockSlow(MUTEX mutex) {
    SWIFT void (*waking)(MUTEX) = dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
    if (__tsan_release) __tsan_release(mutex);
    waking(mutex);
}
