/* What Swift cannot import from OpenSSL: function-like macros and variadic functions. Nothing else belongs here. */
#ifndef BITIM_COPENSSL_SHIMS_H
#define BITIM_COPENSSL_SHIMS_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* BIO_get_mem_data is a macro over BIO_ctrl. */
static inline long bitim_BIO_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }

/* EVP_EC_gen is a macro over the variadic EVP_PKEY_Q_keygen. */
static inline EVP_PKEY *bitim_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }

/* EVP_PKEY_Q_keygen is variadic. */
static inline EVP_PKEY *bitim_Ed25519_gen(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

/* OPENSSL_free and OPENSSL_malloc are macros that carry file and line. */
static inline void bitim_OPENSSL_free(void *pointer) { OPENSSL_free(pointer); }

/* sk_X509_* are macros. */
static inline STACK_OF(X509) *bitim_sk_X509_new(void) { return sk_X509_new_null(); }
static inline int bitim_sk_X509_push(STACK_OF(X509) *stack, X509 *certificate) { return sk_X509_push(stack, certificate); }
static inline int bitim_sk_X509_num(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *bitim_sk_X509_value(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }
/* Frees the stack, not what is in it. */
static inline void bitim_sk_X509_free(STACK_OF(X509) *stack) { sk_X509_free(stack); }
/* Frees the stack and drops one reference of each certificate in it. */
static inline void bitim_sk_X509_pop_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

/* X509V3_set_ctx_nodb is a macro that assigns a field. */
static inline void bitim_X509V3_set_ctx(X509V3_CTX *context, X509 *issuer, X509 *subject) {
    X509V3_set_ctx_nodb(context);
    X509V3_set_ctx(context, issuer, subject, NULL, NULL, 0);
}

/* XN_FLAG_RFC2253 is a macro with casts. UTF-8 stays as it is. */
static inline int bitim_X509_NAME_print(BIO *output, const X509_NAME *name) {
    return X509_NAME_print_ex(output, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

/* EVP_PKEY_CTX_* parameter setters are functions since 3.0, but the padding constants are macros with casts. */
static inline int bitim_set_rsa_pss(EVP_PKEY_CTX *context, const EVP_MD *mgf1_digest, int salt_length) {
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) <= 0) return 0;
    if (EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf1_digest) <= 0) return 0;
    return EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_length) > 0;
}

#endif
