// Certificates that live as long as a test, made by OpenSSL.
#include <kvco_test/support/server/certificates.hpp>

#include <cstdlib>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace kvco::test {
namespace {

struct release {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* file) const { BIO_free(file); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, release>;
using certificate_ptr = std::unique_ptr<X509, release>;

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

key_ptr make_key() {
  key_ptr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  check(key != nullptr, "no key");
  return key;
}

void extend(X509& certificate, X509& issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, release> extension(
      X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  check(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1, "no extension");
}

certificate_ptr make_certificate(const std::string& name, EVP_PKEY& key, int days) {
  static long serial = 1;
  certificate_ptr made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
  constexpr long day = 24 * 3600;
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -10 * day);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), days * day);
  X509_set_pubkey(made.get(), &key);
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, text, -1, -1, 0);
  return made;
}

void sign(X509& certificate, X509& issuer, EVP_PKEY& issuer_key) {
  X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer));
  check(X509_sign(&certificate, &issuer_key, EVP_sha256()) > 0, "not signed");
}

void save(const std::filesystem::path& path, X509& certificate) {
  const std::unique_ptr<BIO, release> file(BIO_new_file(path.c_str(), "w"));
  check(file != nullptr && PEM_write_bio_X509(file.get(), &certificate) == 1, "certificate not written");
}

void save(const std::filesystem::path& path, EVP_PKEY& key) {
  const std::unique_ptr<BIO, release> file(BIO_new_file(path.c_str(), "w"));
  check(file != nullptr &&
            PEM_write_bio_PrivateKey(file.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "key not written");
}

std::filesystem::path make_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "kvco_certificates_XXXXXX").string();
  check(::mkdtemp(path.data()) != nullptr, "no folder");
  return path;
}

}  // namespace

struct certificate_authority::parts {
  key_ptr key = make_key();
  certificate_ptr certificate = make_certificate("kvco test authority", *key, 2);
};

certificate_authority::certificate_authority() : parts_(std::make_unique<parts>()), folder_(make_folder()) {
  X509& own = *parts_->certificate;
  X509_set_issuer_name(&own, X509_get_subject_name(&own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(own, own, NID_subject_key_identifier, "hash");
  sign(own, own, *parts_->key);
  save(certificate(), own);
}

certificate_authority::~certificate_authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string certificate_authority::certificate() const { return folder_ / "authority.pem"; }

certificate_authority::files certificate_authority::issue(const std::string& name,
                                                          const certificate_request& request) {
  const key_ptr key = make_key();
  const certificate_ptr made = make_certificate(name, *key, request.days);
  extend(*made, *parts_->certificate, NID_subject_alt_name, request.names);
  extend(*made, *parts_->certificate, NID_ext_key_usage, "serverAuth,clientAuth");
  sign(*made, *parts_->certificate, *parts_->key);
  const files paths{folder_ / (name + ".pem"), folder_ / (name + ".key")};
  save(paths.certificate, *made);
  save(paths.key, *key);
  return paths;
}

}  // namespace kvco::test
