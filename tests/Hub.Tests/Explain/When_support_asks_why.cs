using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Reconciliations;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Explain;

/// <summary>
/// Support threads in which somebody asks why a person is, or is not, where they are looked for. Each is put as the situation that it would be here, and one call has to answer it: by its headline, or, where the person is rightly
/// there, by a step that says what let them in.
/// </summary>
public sealed class When_support_asks_why : ExplainFixture
{
    private static readonly Thread[] _threads =
    [
        new("https://nation.marketo.com/t5/product-discussions/emails-sending-to-opt-out-leads/m-p/125520", "Why is somebody mailed who opted out, by a field of our own?",
            async on =>
            {
                await on.StateAsync(Consent(on.Id, "granted"), Denial(on.Id, "newsletter", "form", 1));
                return await on.AskAboutDeliveredAsync();
            },
            "yes", "read_back", "not_read_back", "The person denied newsletter, and"),
        new("https://nation.marketo.com/t5/product-discussions/dealing-with-a-lead-who-has-multiple-records/m-p/134342", "Which of several records of one address counts?",
            async on =>
            {
                await on.StateAsync();
                return await on.AskAboutDeliveredAsync(new ToldVendor { Profiles = [Shown(on.Id, "r-1"), Shown(on.Id, "r-2")] });
            },
            "no", "read_back", "same_key", "the vendor has 2 people under the person's key"),
        new("https://github.com/veda-consulting-company/uk.co.vedaconsulting.mailchimp/issues/278", "Why is a contact unsubscribed after each sync, though nothing at ours says so?",
            async on =>
            {
                await on.StateAsync(Consent(on.Id, "granted"), Denial(on.Id, Acme.Purpose, "mailchimp", 3));
                return await on.AskAsync();
            },
            "no", "consent", "consent_denied", "decided 1 Mar 2026 12:03 UTC by mailchimp"),
        new("https://github.com/veda-consulting-company/uk.co.vedaconsulting.mailchimp/issues/328", "Why was a subscriber lost whose main address is on hold?",
            async on =>
            {
                await on.StateAsync(Consent(on.Id, "granted"), Denial(on.Id, "suppression:hard_bounce", "mailchimp", 1));
                return await on.AskAsync();
            },
            "no", "consent", "suppressed", "hard_bounce"),
        new("https://github.com/veda-consulting-company/uk.co.vedaconsulting.mailchimp/issues/299", "Why has a contact no name there since the job ran?",
            async on =>
            {
                await on.StateAsync();
                await on.OweAsync(attempt: 2, code: "http_503", due: Now.AddMinutes(5));
                return await on.AskAsync();
            },
            "waits", "delivery", "retrying", "http_503"),
        new("https://github.com/sendgrid/sendgrid-nodejs/issues/1004", "Why is a contact that was accepted, with a job, on no list hours later?",
            async on =>
            {
                await on.StateAsync();
                await on.FindAsync(FindingKind.Missing);
                return await on.AskAboutDeliveredAsync();
            },
            "no", "read_back", "missing", "the vendor did not show the person when it was read back"),
        new("https://github.com/svthalia/concrexit/issues/2490", "Why does a list still have somebody who left?",
            async on =>
            {
                await on.StateAsync(Membership(on.Id, on.Audience, false, 9));
                await on.OweAsync(operation: Operation.RemoveMember);
                return await on.AskAboutDeliveredAsync();
            },
            "no", "audience", "not_a_member", "still, and taking them out waits: it is owed since"),
        new("https://github.com/hitobito/hitobito/issues/818", "Why is a person whom we deleted in the list after each export?",
            async on =>
            {
                await on.StateAsync(Membership(on.Id, on.Audience, false, 9));
                var hub = on.Hub();
                await on.DeliverAsync(hub, addedByHub: false);
                return await on.AskAsync(hub);
            },
            "no", "audience", "not_a_member", "still, where somebody else put them"),
        new("https://github.com/mailchimp/mc-woocommerce/issues/688", "Why is somebody subscribed again who had been unsubscribed?",
            async on =>
            {
                await on.StateAsync(Denial(on.Id, Acme.Purpose, "console", 1));
                return await on.AskAboutDeliveredAsync();
            },
            "no", "consent", "consent_denied", "still: no run has looked at them since"),
        new("https://github.com/zanonmark/Google-4-TbSync/issues/5", "Why does a list lack some of its contacts?",
            async on =>
            {
                await on.StateAsync();
                return await on.AskAsync(on.Hub(identity: "email"));
            },
            "no", "mapping", MappingFailures.IdentityKeyMissing, "the field id cannot be filled"),
        new("https://github.com/segment-boneyard/segment-docs/pull/1199", "Why is a member of an audience not synced, though the address is known?",
            async on =>
            {
                var address = $"{on.Id}@example.org";
                await on.AppendAsync(Profile(null, """{"city":"Bonn"}""", 0, address), Membership(on.Id, on.Audience, true, 1) with { ExternalId = null, Email = address });
                return await on.AskAsync(key: address);
            },
            "no", "mapping", MappingFailures.IdentityKeyMissing, "the field id cannot be filled"),
        new("https://github.com/tbar0970/jethro-pmm/issues/656", "Why is somebody from the report missing on the list with no reason given?",
            async on =>
            {
                await on.StateAsync();
                await on.DieAsync("MEMBER_IN_COMPLIANCE_STATE");
                return await on.AskAsync();
            },
            "no", "delivery", "MEMBER_IN_COMPLIANCE_STATE", "it is dead letter"),
        new("https://github.com/tbar0970/jethro-pmm/issues/982", "Why is nobody made anew who was deleted there for good?",
            async on =>
            {
                await on.StateAsync();
                await on.SettleAsync(LedgerOutcome.Suppressed, ExistingPeople.DeletedThere);
                return await on.AskAsync();
            },
            "no", "delivery", ExistingPeople.DeletedThere, "somebody deleted them there"),
        new("https://github.com/tbar0970/jethro-pmm/issues/891", "Why is only one of a couple there who share an address?",
            async on =>
            {
                await on.StateAsync();
                await on.AppendAsync(Profile($"{on.Id}-other", "{}"));
                var hub = on.Hub(descriptor: Acme.Descriptor with { KeysAreCaseInsensitive = true });
                await on.SqlAsync("INSERT INTO destination_profiles (destination, profile_id, key_hash) VALUES (@name, @id, @hash)", ("name", on.Name), ("id", await on.ProfileAsync($"{on.Id}-other")), ("hash", hub.Destination.KeyHashOf(on.Id)));
                return await on.AskAsync(hub);
            },
            "no", "mapping", ClaimPreparation.KeyCollision, "another person under the same key"),
        new("https://github.com/SuiteCRM/SuiteCRM/issues/3534", "Why are entries in the middle of an import not on the list?",
            async on =>
            {
                await on.AppendAsync(Profile(on.Id, "{}"));
                await on.RefuseAsync(3136, "TotalChildren", "column_count", on.Id);
                return await on.AskAsync();
            },
            "no", "audience", "column_count", "line 3136 of the last list"),
        new("https://github.com/mautic/mautic/issues/6677", "Why are a few customers not in the segment that they should be in?",
            async on =>
            {
                await on.AppendAsync(Profile(on.Id, "{}"));
                return await on.AskAsync();
            },
            "no", "audience", "not_a_member", "belongs to no audience that goes there"),
        new("https://github.com/mautic/mautic/issues/7721", "Why is somebody in no campaign any more, though 'do not contact' was taken back?",
            async on =>
            {
                await on.StateAsync(Denial(on.Id, Acme.Purpose, "form", 0), Consent(on.Id, "granted", 5));
                await on.SettleAsync(LedgerOutcome.Suppressed, "consent_denied");
                return await on.AskAsync();
            },
            "no", "delivery", "newer_here", "held back for a reason that is over (consent_denied)"),
        new("https://github.com/mautic/mautic/issues/4626", "Why is a contact that exists not updated?",
            async on =>
            {
                await on.StateAsync();
                var hub = on.Hub();
                await on.DeliverAsync(hub);
                await on.SettleAsync(LedgerOutcome.Delivered, null);
                await on.AppendAsync(Profile(on.Id, """{"city":"Chicago"}""", 8));
                return await on.AskAsync(hub);
            },
            "no", "delivery", "newer_here", "is older than what is known now"),
        new("https://github.com/rudderlabs/rudder-server/issues/5213", "Why does the destination say that it has no such user?",
            async on =>
            {
                await on.StateAsync();
                return await on.AskAboutDeliveredAsync(new ToldVendor());
            },
            "no", "read_back", "deleted_there", "the vendor has nobody under the person's key"),
        new("https://github.com/putyourlightson/craft-campaign/issues/89", "Why can a contact whom we deleted not be made again?",
            async on =>
            {
                var tombstones = on.Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>();
                await on.WriteAsync(db => tombstones.AddAsync(
                    db, Guid.NewGuid(), new ErasurePerson { Keys = [new PersonKey(KeyKind.ExternalId, on.Id)], ProfileIds = [], RemoteIds = new Dictionary<string, IReadOnlyList<string>>() }, "ticket", Noon, CancellationToken.None));
                return await on.AskAsync();
            },
            "no", "identity", "erased", "a tombstone keeps everything about them out"),
        new("https://github.com/putyourlightson/craft-campaign/issues/123", "Why is a new user subscribed who agreed to nothing?",
            async on =>
            {
                await on.StateAsync();
                return await on.AskAboutDeliveredAsync();
            },
            "yes", "read_back", "not_read_back", "allows it by the rule unknown"),
        new("https://github.com/crashappsec/www-qa-issues/issues/51", "Why does a subscriber get no newsletter who never confirmed?",
            async on =>
            {
                await on.StateAsync(Consent(on.Id, "granted"));
                return await on.AskAsync(on.Hub(consent: new ConsentRules("v2", [new ConsentPurpose(Acme.Purpose, null, null, null) { Rules = [new RegionalRule("confirmed", null, Granted: true, Denied: false, Unknown: false) { NeedsEvidence = true }] }])));
            },
            "no", "consent", "consent_unproven", "the rule confirmed needs evidence"),
        new("https://github.com/nopSolutions/mailchimp-plugin-for-nopcommerce/issues/12", "Why is an active subscriber not synced, while few others are?",
            async on =>
            {
                await on.StateAsync();
                return await on.AskAsync(on.Hub(extra: [new FieldMapping { From = "sex", To = "SEX", Type = MappedType.Text, OnNull = NullRule.Reject, Classification = FieldClassification.Public }]));
            },
            "no", "mapping", "value_missing", "the field SEX cannot be filled"),
        new("https://github.com/adobe-apiplatform/user-sync.py/issues/753", "Why is a user skipped as not present who is in the directory?",
            async on =>
            {
                await on.AppendAsync(Profile(on.Id.ToUpperInvariant(), "{}"));
                return await on.AskAsync();
            },
            "no", "identity", "key_spelled_otherwise", "in other letter case"),
    ];

    private static IEnumerable<TestCaseData> Cases => _threads.Select(thread => new TestCaseData(thread.Address, thread.Question));

    [TestCaseSource(nameof(Cases))]
    public async Task Should_be_answered_by_one_call(string address, string question)
    {
        var thread = _threads.Single(one => one.Address == address);
        var told = await thread.Ask(this);
        Assert.That((told.Headline.Result, told.Headline.Step, told.Headline.Code), Is.EqualTo((thread.Result, thread.Step, thread.Code)), $"{question} {told.Headline.Sentence}");
        var answer = thread.Result == "yes" ? string.Join(' ', told.Destinations.Single().Steps.Select(step => step.Reason)) : told.Headline.Sentence;
        Assert.That(answer, Does.Contain(thread.Says), question);
        Assert.That(told.Headline.Result == "yes" || told.Headline.Fix is not null || told.Destinations.Single().Pending.Count > 0, Is.True, "it says what to do, or that it goes on by itself");
    }

    private static LedgerFact Denial(string id, string purpose, string source, int minute) => Consent(id, "denied", minute) with { Producer = source, Consents = [new FactConsent(purpose, "denied", source, Noon.AddMinutes(minute))] };

    private static RemoteProfile Shown(string key, string remoteId) => new(key, remoteId, new Dictionary<string, string> { ["town"] = "\"Bonn\"" });

    /// <summary>One call about a person whom the destination confirmed, to the vendor too where one is given.</summary>
    private async Task<ExplanationJson> AskAboutDeliveredAsync(ToldVendor? vendor = null)
    {
        var hub = Hub(connector: vendor);
        await DeliverAsync(hub);
        return await AskAsync(hub, live: vendor is not null);
    }

    private sealed record Thread(string Address, string Question, Func<When_support_asks_why, Task<ExplanationJson>> Ask, string Result, string Step, string Code, string Says);
}
