#pragma once
// The bucket as planted defects of the commit path see it: what the real code asks goes through
// here, and the defect bends question or answer. In the way only of the mutants that need it.
#include "sim/fake_objects.h"

namespace herder::sim {

class MutantStore : public ObjectStore, public MultipartUploads {
  public:
    MutantStore(FakeObjects& objects, Mutant mutant)
        : objects_(objects), bucket_(objects.bucket()), mutant_(mutant) {}
    static bool is_for(Mutant mutant);

    Status put(const std::string& key, const std::string& data, bool only_if_absent) override;
    Result<std::string> get(const std::string& key, std::size_t limit) override;
    Result<ObjectInfo> head(const std::string& key) override;
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override;
    Status remove(const std::string& key) override;
    Result<std::string> sign(UrlVerb verb, const std::string& key, WallTime expires) override;
    MultipartUploads* multipart() override { return this; }

    UploadLimits limits() const override { return bucket_.limits(); }
    Result<std::string> create(const std::string& key) override { return bucket_.create(key); }
    Result<std::string> sign_part(const PendingUpload& upload, int number, Bytes size,
                                  std::optional<std::uint32_t> crc32c, WallTime expires) override {
        return bucket_.sign_part(upload, number, size, crc32c, expires);
    }
    std::map<std::string, std::string> part_headers(std::uint32_t crc32c) const override {
        return bucket_.part_headers(crc32c);
    }
    Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override;
    Status complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) override;
    Status abort(const PendingUpload& upload) override { return bucket_.abort(upload); }
    Result<std::vector<PendingUpload>> pending(const std::string& prefix,
                                               std::size_t limit) override;

  private:
    Status believe(Status answer) const;

    FakeObjects& objects_;
    FakeBucket& bucket_;
    const Mutant mutant_;
};

}  // namespace herder::sim
