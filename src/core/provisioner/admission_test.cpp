#include "core/provisioner/admission.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

Offer offer() {
    Offer offer;
    offer.gpu_name = "RTX_4090";
    offer.gpu_count = 2;
    offer.gpu_ram_mb = 24'564;
    offer.driver = "570.124.04";
    offer.disk_mb_per_second = 2'000;
    offer.download_mbps = 800;
    offer.upload_mbps = 400;
    return offer;
}

AdmissionFacts facts() {
    const MeasuredGpu gpu{.name = "NVIDIA GeForce RTX 4090",
                          .memory_mb = 24'564,
                          .memory_used_mb = 4,
                          .driver = "570.124.04",
                          .uncorrected_errors = 0};
    AdmissionFacts facts;
    facts.gpus_measured = true;
    facts.gpus = {gpu, gpu};
    facts.disk_free = gigabytes(39);
    facts.disk_write_mb_per_second = 900;
    facts.download_mbps = 700;
    facts.upload_mbps = 300;
    return facts;
}

const LinkRecord kFastest{.download_mbps = 1'000, .upload_mbps = 1'000};

std::vector<std::string> failures(const AdmissionFacts& measured, const Offer& offered = offer(),
                                  const LinkRecord& fastest = kFastest) {
    return judge_admission(offered, gigabytes(40), measured, fastest, {}).failures;
}
using Texts = std::vector<std::string>;

TEST(Admission, AMachineAsOfferedIsAdmitted) {
    EXPECT_EQ(failures(facts()), Texts{});
}

TEST(Admission, TheGpusMustBeThoseOfTheOffer) {
    AdmissionFacts found = facts();
    found.gpus.pop_back();
    EXPECT_EQ(failures(found), Texts{"1 GPU instead of 2"});
    found.gpus.clear();
    EXPECT_EQ(failures(found), Texts{"0 GPUs instead of 2"});
    found = facts();
    found.gpus[1].name = "NVIDIA GeForce RTX 3090";
    EXPECT_EQ(failures(found), Texts{"a NVIDIA GeForce RTX 3090 instead of RTX 4090"});
    found = facts();
    found.gpus[0].memory_mb = 8'192;
    EXPECT_EQ(failures(found), Texts{"GPU memory 8 GB instead of 24 GB"});
    found = facts();
    found.gpus[0].memory_used_mb = 12'000;
    EXPECT_EQ(failures(found),
              Texts{"a GPU is in use by somebody else: 12 GB of its memory are taken"});
    found = facts();
    found.gpus[0].uncorrected_errors = 3;
    EXPECT_EQ(failures(found), Texts{"a GPU has 3 uncorrected memory errors"});
    found = facts();
    found.gpus[0].driver = "470.57.02";
    EXPECT_EQ(failures(found), Texts{"driver 470.57.02 instead of 570.124.04"});
    found.gpus[0].driver = "580.1";
    EXPECT_EQ(failures(found), Texts{});
}

// How drivers and the market spell the same card (API reference, appendix A; nvidia-smi).
TEST(Admission, OneCardInTwoSpellingsIsOneCard) {
    for (const auto& [offered, measured] : std::vector<std::pair<std::string, std::string>>{
             {"A100_SXM4", "NVIDIA A100-SXM4-80GB"},
             {"H100_SXM", "NVIDIA H100 80GB HBM3"},
             {"RTX_A6000", "NVIDIA RTX A6000"},
             {"Tesla_V100", "Tesla V100-SXM2-16GB"},
             {"RTX_9999", "NVIDIA GeForce RTX 9999"}}) {
        Offer card = offer();
        card.gpu_name = offered;
        AdmissionFacts found = facts();
        for (MeasuredGpu& gpu : found.gpus)
            gpu.name = measured;
        EXPECT_EQ(failures(found, card), Texts{}) << offered << " " << measured;
    }
}

TEST(Admission, TheDiskMustBeThere) {
    AdmissionFacts found = facts();
    found.disk_free = gigabytes(12);
    EXPECT_EQ(failures(found), Texts{"disk 12 GB instead of 40 GB"});
    found.disk_free = gigabytes(25);  // the image's layers may count against it
    EXPECT_EQ(failures(found), Texts{});
    found = facts();
    found.disk_write_mb_per_second = 4;
    EXPECT_EQ(failures(found), Texts{"disk writes 4 MB/s instead of 2000"});
    found.disk_write_mb_per_second = 20;  // a hundredth of the claim, but it does
    EXPECT_EQ(failures(found), Texts{});
}

TEST(Admission, AHostAnswersForItsLinkOnlyAsFarAsOursIsKnownToCarry) {
    AdmissionFacts found = facts();
    found.download_mbps = 3;
    found.upload_mbps = 2;
    EXPECT_EQ(failures(found),
              (Texts{"download 3 Mb/s instead of 800", "upload 2 Mb/s instead of 400"}));
    EXPECT_EQ(failures(found, offer(), {}), Texts{}) << "nothing is known of our own link";
    EXPECT_EQ(failures(found, offer(), {.download_mbps = 20, .upload_mbps = 15}), Texts{});
    found.download_mbps = 60;  // below a tenth of what it claims, yet usable
    found.upload_mbps = 60;
    EXPECT_EQ(failures(found), Texts{});
}

TEST(Admission, AStorageThatFailsIsNotTheHostsFault) {
    AdmissionFacts found = facts();
    found.storage_error = "PUT answered 507";
    const auto verdict = judge_admission(offer(), gigabytes(40), found, kFastest, {});
    EXPECT_FALSE(verdict.admitted());
    EXPECT_FALSE(verdict.blames_host);
    EXPECT_EQ(verdict.failures,
              Texts{"the job's storage cannot be used from it: PUT answered 507"});
    found.gpus.pop_back();
    EXPECT_TRUE(judge_admission(offer(), gigabytes(40), found, kFastest, {}).blames_host);
}

TEST(Admission, WhatWasNotMeasuredFailsNothingAndIsTold) {
    AdmissionFacts found;
    found.not_measured = {"GPU: nvidia-smi is not there"};
    EXPECT_EQ(failures(found), Texts{});
    EXPECT_EQ(describe(found), "not measured: GPU: nvidia-smi is not there");
}

TEST(Admission, TellsWhatWasFoundInOneLine) {
    EXPECT_EQ(describe(facts()),
              "2 x NVIDIA GeForce RTX 4090 24 GB, driver 570.124.04, disk 39 GB free, writes 900 "
              "MB/s, down 700 Mb/s, up 300 Mb/s");
}

TEST(Admission, WhatIsUsualFollowsTheMachinesStepByStep) {
    LinkRecord links;
    learn_links(links, {});
    EXPECT_EQ(links, LinkRecord{}) << "what was not measured says nothing";
    AdmissionFacts slow = facts();
    slow.download_mbps = 3;
    slow.upload_mbps = 0;
    learn_links(links, facts());
    EXPECT_EQ(links, (LinkRecord{.download_mbps = 250, .upload_mbps = 250})) << "all that matters";
    learn_links(links, slow);
    EXPECT_EQ(links, (LinkRecord{.download_mbps = 62, .upload_mbps = 62}));
    learn_links(links, facts());
    EXPECT_EQ(links, (LinkRecord{.download_mbps = 248, .upload_mbps = 248}));
    for (int i = 0; i < 9; ++i)
        learn_links(links, slow);
    EXPECT_EQ(links, (LinkRecord{.download_mbps = 3, .upload_mbps = 1}));
}

// Measured at once they share our storage's link; one that comes alone has it to itself.
TEST(Admission, AFleetThatSharesOurLinkIsNotGivenBack) {
    AdmissionFacts crowded = facts();
    crowded.download_mbps = 3;
    crowded.upload_mbps = 2;
    LinkRecord links;
    learn_links(links, facts());
    int blamed = 0;
    for (int i = 0; i < 50; ++i) {
        blamed += failures(crowded, offer(), links).empty() ? 0 : 1;
        learn_links(links, i % 10 == 5 ? facts() : crowded);
    }
    EXPECT_LT(blamed, 10);
}

TEST(Admission, AHostThatLiesIsSeenAmongHonestOnes) {
    AdmissionFacts liar = facts();
    liar.download_mbps = 8;
    LinkRecord links;
    learn_links(links, facts());
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(failures(liar, offer(), links), Texts{"download 8 Mb/s instead of 800"});
        learn_links(links, liar);
        for (int honest = 0; honest < 2; ++honest) {
            EXPECT_EQ(failures(facts(), offer(), links), Texts{});
            learn_links(links, facts());
        }
    }
}

TEST(Admission, ADiskThatTheProviderGaveTooSmallIsSeenInTheListing) {
    EXPECT_EQ(find_short_disk(gigabytes(40), gigabytes(12)), "disk 12 GB instead of 40 GB");
    EXPECT_EQ(find_short_disk(gigabytes(40), gigabytes(37)), "");
    EXPECT_EQ(find_short_disk(gigabytes(40), {}), "") << "not said";
}

}  // namespace
}  // namespace herder
