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

#endif
