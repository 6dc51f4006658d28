/* Linux calls that Swift's Glibc module leaves out, because they stand behind _GNU_SOURCE. */
#ifndef BITIM_CLINUX_SHIMS_H
#define BITIM_CLINUX_SHIMS_H

/* syncfs(2) */
int syncfs(int descriptor);

/* memfd_create(2) */
int memfd_create(const char *name, unsigned int flags);
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1U
#endif

#include <sys/prctl.h>

/* prctl(2), PR_SET_DUMPABLE: no core dump, and nobody but root looks into the process. */
static inline int bitim_forbid_core_dumps(void) { return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); }

#endif
