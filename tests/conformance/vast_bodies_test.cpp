// Every body of the market that the API reference quotes, read by the decoder that meets it. A file
// of tests/fixtures/vast names the section it comes from, the call it answers, and what it means.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "adapters/providers/vast/account_json.h"
#include "adapters/providers/vast/charges_json.h"
#include "adapters/providers/vast/gpu_types_json.h"
#include "adapters/providers/vast/invoices_json.h"
#include "adapters/providers/vast/machine_list.h"
#include "adapters/providers/vast/manage_json.h"
#include "adapters/providers/vast/offers_json.h"
#include "adapters/providers/vast/outcome.h"
#include "adapters/providers/vast/ssh_keys_json.h"
#include "adapters/providers/vast/templates_json.h"
#include "adapters/providers/vast/volumes_json.h"
#include "adapters/providers/vast/webhook_json.h"
#include "base/digest.h"

namespace herder {
namespace {

using input::CallOutcome;

struct Body {
    int status = 0;
    std::string text;

    http::CallResult result() const {
        http::Response response;
        response.status = status;
        response.body = text;
        return http::CallResult(std::move(response));
    }
};

const char* word(CallOutcome outcome) {
    switch (outcome) {
        case CallOutcome::kDone:
            return "done";
        case CallOutcome::kRefused:
            return "refused";
        case CallOutcome::kUnknown:
            return "unknown";
    }
    return "?";
}

std::string meaning_of_create(const Body& body) {
    const CreateAnswer answer = vast::classify_create(body.result());
    std::string text = word(answer.outcome);
    if (answer.offer_gone) text += ", offer gone";
    if (answer.stop_all) text += ", stop all";
    if (answer.contract) text += ", contract " + std::to_string(answer.contract.value);
    return text;
}

std::string meaning_of_start(const Body& body) {
    const CallAnswer answer = vast::classify_start(body.result());
    return std::string(word(answer.outcome)) + (answer.queued ? ", queued" : "");
}

std::string meaning_of_read(const Body& body) {
    const auto error = vast::find_read_error(vast::parse_reply(body.status, body.text));
    return error ? to_string(error->code) : "ok";
}

std::string meaning_of_offers(const Body& body, bool interruptible) {
    OfferQuery query;
    query.interruptible = interruptible;
    const auto page = vast::parse_offers(body.text, query, WallTime{1'795'435'200'000'000});
    if (!page) return page.error().message;
    std::string text =
        std::to_string(page->offers.size()) + " of " + std::to_string(page->rows) + " rows";
    for (const Offer& offer : page->offers) {
        text += ": " + std::to_string(offer.ask) + " " + std::to_string(offer.gpu_count) + "x " +
                offer.gpu_name + " " + to_text(offer.gpu_price);
        if (!offer.location.empty()) text += " in " + offer.location;
    }
    return text;
}

std::string text_of(const vast::InstanceRecord& record) {
    return std::to_string(record.machine.contract.value) + " " + to_string(record.machine.state);
}

std::string meaning_of_machines(const Body& body) {
    const auto page = vast::parse_machine_page(body.text);
    if (!page) return page.error().message;
    std::string text = std::to_string(page->found.value_or(-1)) + " of " +
                       std::to_string(page->total.value_or(-1));
    for (const vast::InstanceRecord& record : page->machines)
        text += (text.find(':') == std::string::npos ? ": " : ", ") + text_of(record);
    return text;
}

std::string meaning_of_old_list(const Body& body) {
    auto page = vast::parse_machine_page(body.text);
    if (!page) return page.error().message;
    const auto machines = vast::read_whole_list(std::move(*page));
    if (!machines) return machines.error().message;
    return std::to_string(machines->size()) + ": " + text_of(machines->at(0));
}

std::string meaning_of_machine(const Body& body) {
    const auto record = vast::parse_machine(body.text);
    if (!record) return record.error().message;
    if (!*record) return "none";
    return text_of(**record) + " " + to_string((*record)->machine.rental) + " " +
           to_text((*record)->machine.gpu_price);
}

std::string meaning_of_charges(const Body& body) {
    const auto page = vast::parse_charges(body.text, 20'028);
    if (!page) return page.error().message;
    Usd sum;
    for (const ChargeRow& row : page->rows)
        sum += row.charge.amount;
    return std::to_string(page->results) + " of " + std::to_string(page->total.value_or(-1)) +
           ": " + std::to_string(page->rows.size()) + " charges, $" + to_decimal(sum) + " of " +
           page->rows.at(0).label;
}

std::string meaning_of_keys(const Body& body) {
    const auto keys = vast::parse_account_keys(body.text);
    if (!keys) return keys.error().message;
    const vast::KeyRights& rights = keys->at(0).rights;
    return std::to_string(keys->size()) + " key, " +
           std::to_string(vast::find_missing_rights(rights).size()) + " missing, " +
           std::to_string(vast::find_spare_rights(rights).size()) + " spare";
}

std::string meaning_of_notification(const Body& body) {
    http::Request request;
    request.body = body.text;
    constexpr std::int64_t kSeconds = 1'772'490'000;
    const std::string time = std::to_string(kSeconds);
    std::string hex;
    for (const char c : hmac_sha256("secret", time + "." + body.text)) {
        char digits[3];
        (void)std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
        hex += digits;
    }
    request.headers = {{"X-Vast-Timestamp", time}, {"X-Vast-Signature-256", "sha256=" + hex}};
    const auto note = vast::read_notification(request, "secret", WallTime{kSeconds * 1'000'000});
    return note ? note->type : note.error().message;
}

// The meaning of a decoded value, or the error.
template <class T, class Show>
std::string show(const Result<T>& value, Show show_value) {
    return value ? show_value(*value) : value.error().message;
}

std::string meaning_of_increases(const Body& body) {
    return show(vast::parse_price_increases(body.text), [](const vast::PriceIncreases& all) {
        const vast::PriceIncrease& row = all.rows.at(0);
        return std::to_string(all.rows.size()) + ": " + std::to_string(row.contract.value) + " " +
               to_text(row.old_gpu_price) + " to " + to_text(row.new_gpu_price);
    });
}

using Meaning = std::function<std::string(const Body&)>;

std::map<std::string, Meaning> account_meanings() {
    return {
        {"keys", meaning_of_keys},
        {"new_key",
         [](const Body& b) {
             return show(vast::parse_new_key(b.text),
                         [](const vast::NewKey& key) { return "key " + std::to_string(key.id); });
         }},
        {"user",
         [](const Body& b) {
             return show(vast::parse_user(b.text), [](const vast::UserInfo& user) {
                 return user.name + " has " + to_decimal(user.credit);
             });
         }},
        {"ssh_keys",
         [](const Body& b) {
             return show(vast::parse_ssh_keys(b.text), [](const std::vector<vast::SshKey>& keys) {
                 return std::to_string(keys.size()) + " ssh key";
             });
         }},
        {"ssh_key",
         [](const Body& b) {
             return show(vast::parse_added_ssh_key(b.text), [](const vast::SshKey& key) {
                 return "ssh key " + std::to_string(key.id);
             });
         }},
        {"secrets",
         [](const Body& b) {
             return show(vast::parse_secret_names(b.text),
                         [](const std::vector<std::string>& names) { return names.at(0); });
         }},
    };
}

std::map<std::string, Meaning> list_meanings() {
    return {
        {"volumes",
         [](const Body& b) {
             return show(vast::parse_volumes(b.text), [](const std::vector<vast::Volume>& all) {
                 return std::to_string(all.size()) + " volume: " + all.at(0).status + " " +
                        std::to_string(all.at(0).id);
             });
         }},
        {"templates",
         [](const Body& b) {
             return show(vast::parse_templates(b.text), [](const std::vector<vast::Template>& all) {
                 return std::to_string(all.size()) + " template";
             });
         }},
        {"gpu_types",
         [](const Body& b) {
             return show(vast::parse_gpu_types(b.text),
                         [](const std::vector<std::string>& names) { return names.at(0); });
         }},
        {"invoices",
         [](const Body& b) {
             return show(vast::parse_invoices(b.text), [](const vast::InvoicePage& page) {
                 return std::to_string(page.invoices.size()) +
                        " invoice: " + page.invoices.at(0).kind + " " +
                        to_decimal(page.invoices.at(0).amount);
             });
         }},
        {"webhook",
         [](const Body& b) {
             return show(vast::parse_new_webhook(b.text), [](const vast::Webhook& hook) {
                 return "webhook " + std::to_string(hook.id) +
                        (hook.secret.empty() ? "" : " with a secret");
             });
         }},
        {"notification_types",
         [](const Body& b) {
             return show(vast::parse_notification_types(b.text),
                         [](const std::vector<std::string>& types) { return types.at(0); });
         }},
    };
}

std::map<std::string, Meaning> meanings() {
    std::map<std::string, Meaning> all = account_meanings();
    all.merge(list_meanings());
    all["create"] = meaning_of_create;
    all["start"] = meaning_of_start;
    all["read"] = all["bare"] = meaning_of_read;
    all["machines"] = meaning_of_machines;
    all["old_list"] = meaning_of_old_list;
    all["machine"] = meaning_of_machine;
    all["charges"] = meaning_of_charges;
    all["increases"] = meaning_of_increases;
    all["notification"] = meaning_of_notification;
    all["offers"] = [](const Body& b) { return meaning_of_offers(b, false); };
    all["bids"] = [](const Body& b) { return meaning_of_offers(b, true); };
    all["change"] = [](const Body& b) -> std::string {
        return word(vast::classify_change(b.result()).outcome);
    };
    all["destroy"] = [](const Body& b) -> std::string {
        return word(vast::classify_destroy(b.result()).outcome);
    };
    all["result_url"] = [](const Body& b) {
        return show(vast::parse_result_url(b.text), [](const std::string& url) { return url; });
    };
    all["deposit_terms"] = [](const Body& b) {
        return show(vast::parse_deposit_terms(b.text), [](const vast::DepositTerms& terms) {
            return std::to_string(terms.discount_ppm) + " ppm";
        });
    };
    all["deposit"] = [](const Body& b) {
        return show(vast::parse_deposit(b.text), [](const vast::Deposit& deposit) {
            return to_text(deposit.refundable) + " refundable, " + to_text(deposit.saved) +
                   " saved";
        });
    };
    all["too_frequent"] = [](const Body& b) -> std::string {
        const auto wait = vast::find_threshold(b.text);
        return wait ? to_text(*wait) : "no number";
    };
    return all;
}

TEST(VastBodies, EveryQuotedBodyIsUnderstood) {
    const auto decoders = meanings();
    std::map<std::string, int> used;
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(HERDER_VAST_FIXTURES)) {
        SCOPED_TRACE(entry.path().filename().string());
        std::ifstream in(entry.path());
        std::stringstream text;
        text << in.rdbuf();
        const boost::json::object fixture = boost::json::parse(text.str()).as_object();
        Body body;
        body.status = static_cast<int>(fixture.at("status").as_int64());
        body.text = fixture.contains("text") ? std::string(fixture.at("text").as_string())
                                             : boost::json::serialize(fixture.at("body"));
        const std::string call(fixture.at("call").as_string());
        ASSERT_TRUE(decoders.contains(call)) << call;
        EXPECT_EQ(decoders.at(call)(body), std::string(fixture.at("means").as_string()));
        ++used[call];
        ++files;
    }
    EXPECT_GT(files, 100);
    for (const auto& [call, decoder] : decoders)
        EXPECT_GT(used[call], 0) << "no body is quoted for " << call;
}

}  // namespace
}  // namespace herder
