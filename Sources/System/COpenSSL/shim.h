#ifndef WEFT_COPENSSL_SHIM_H
#define WEFT_COPENSSL_SHIM_H
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

/* OpenSSL's macros and stack types do not import to Swift: each function here says one of them in C. */

/* TLS 1.3 alone, no tickets (a resumed session would outlive an identity), records written when they are ready, and no
 * buffers kept by idle connections. */
static inline int weft_context_prepare(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) && SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
}

static inline int weft_context_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int weft_set_server_name(SSL *connection, const char *name) {
    return (int)SSL_set_tlsext_host_name(connection, name);
}

static inline SSL *weft_connection_of(X509_STORE_CTX *store) {
    return (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
}

static inline void weft_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void weft_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline int weft_stack_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
/* Takes over a reference to `certificate` and gives up the stack's to the one that was there. */
static inline void weft_stack_replace(STACK_OF(X509) *stack, int index, X509 *certificate) {
    X509_free(sk_X509_value(stack, index));
    sk_X509_set(stack, index, certificate);
}
static inline X509 *weft_stack_at(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }

/* P-256, the one curve that every peer of a mesh knows. */
static inline EVP_PKEY *weft_generate_p256(void) { return EVP_EC_gen("P-256"); }

static inline int weft_is_p256(EVP_PKEY *key) {
    char name[64];
    size_t length = 0;
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, name, sizeof name, &length) == 1
        && strcmp(name, "prime256v1") == 0;
}

/* PKCS #8, unencrypted. */
static inline int weft_key_to_der(EVP_PKEY *key, unsigned char **der) {
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    if (!info) return -1;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, der);
    PKCS8_PRIV_KEY_INFO_free(info);
    return length;
}

/* Of extendedKeyUsage: 1 if it is absent or names both server and client authentication, 0 if it lacks one. */
static inline int weft_serves_both_ways(X509 *certificate) {
    if (!(X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE)) return 1;
    unsigned int usage = X509_get_extended_key_usage(certificate);
    return (usage & XKU_SSL_SERVER) && (usage & XKU_SSL_CLIENT);
}

static inline void weft_free(void *memory) { OPENSSL_free(memory); }

/* Calls `each` with every subject alternative name: GEN_URI or GEN_DNS, others with no bytes. -1 if they do not parse. */
static inline int weft_each_name(
    const X509 *certificate, void *context, void (*each)(void *context, int type, const unsigned char *bytes, int count)) {
    int critical = 0;
    GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
    if (!names) return critical == -1 ? 0 : -1;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_URI || name->type == GEN_DNS) {
            each(context, name->type, ASN1_STRING_get0_data(name->d.ia5), ASN1_STRING_length(name->d.ia5));
        } else {
            each(context, name->type, NULL, 0);
        }
    }
    GENERAL_NAMES_free(names);
    return 0;
}

static inline int weft_is_address(const char *text) {
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return address != NULL;
}

/* Names as they are: no text form that a comma in an id could break out of. `dns` may be NULL, else names with a NUL after
 * each and one more at the end; one that is an address becomes an IP name. */
static inline int weft_add_names(X509 *certificate, const char *uri, const char *dns) {
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    int type = GEN_URI, done = 1;
    for (const char *text = uri; text && *text && done; type = GEN_DNS) {
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_OCTET_STRING *address = type == GEN_DNS ? a2i_IPADDRESS(text) : NULL;
        if (address) {
            GENERAL_NAME_set0_value(name, GEN_IPADD, address);
        } else {
            ASN1_IA5STRING *value = ASN1_IA5STRING_new();
            done = ASN1_STRING_set(value, text, (int)strlen(text));
            GENERAL_NAME_set0_value(name, type, value);
        }
        done = done && sk_GENERAL_NAME_push(names, name);
        text = type == GEN_URI ? dns : text + strlen(text) + 1;
    }
    done = done && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return done;
}

/* One extension of X.509 v3 in OpenSSL's text form; only constants are passed. */
static inline int weft_add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (!extension) return 0;
    int done = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return done;
}

/* RFC 2253, with letters beyond ASCII as they are. */
static inline int weft_print_name(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

/* For a simulation, whose seed decides what OpenSSL draws: `bytes` takes the place of its generator in the whole process,
 * and hands on to weft_own_random what is none of the simulation's. OpenSSL 3 deprecates methods in favour of providers,
 * which are many times as much code; contexts made before are served as well. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline int weft_random_is_ready(void) { return 1; }
static inline int weft_own_random(unsigned char *bytes, int count) { return RAND_OpenSSL()->bytes(bytes, count); }
static inline int weft_replace_random(int (*bytes)(unsigned char *bytes, int count)) {
    static RAND_METHOD method;
    method.bytes = bytes;
    method.pseudorand = bytes;
    method.status = weft_random_is_ready;
    return RAND_set_rand_method(&method);
}
#pragma GCC diagnostic pop

static inline long weft_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }
static inline unsigned long weft_error_reason(unsigned long code) { return (unsigned long)ERR_GET_REASON(code); }
static inline int weft_error_is_ssl(unsigned long code) { return ERR_GET_LIB(code) == ERR_LIB_SSL; }
#endif
