using System.Collections.Frozen;
using System.Text;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Reads what happened: the payload of every kind of canonical fact, and whom such a fact has to name. Facts of leads, accounts and opportunities and of merges
/// are checked and kept as they are; the profile takes nothing over from them. Whoever is deleted is left alone from then on. Pure.
/// </summary>
internal static class PayloadReading
{
    private const int MaxId = 255;
    private const int MaxPurpose = 64;
    private const int MaxWord = 64;
    private const int MaxSource = 128;
    private const int MaxStage = 128;
    private const int MaxName = 255;

    private static readonly FrozenDictionary<string, Kind> _kinds = new Dictionary<string, Kind>
    {
        [ProfileUpdated.Type] = new(nameof(ProfileUpdated), Profile),
        [ProfileMerged.Type] = new(nameof(ProfileMerged), Merge),
        [ProfileDeleted.Type] = new(nameof(ProfileDeleted), Deletion),
        [ConsentUpdated.Type] = new(nameof(ConsentUpdated), Consent),
        [AudienceMembershipChanged.Type] = new(nameof(AudienceMembershipChanged), Membership),
        [BehaviorTracked.Type] = new(nameof(BehaviorTracked), Behavior),
        [LeadCreated.Type] = new(nameof(LeadCreated), Lead),
        [LeadEnriched.Type] = new(nameof(LeadEnriched), Enrichment),
        [LeadScored.Type] = new(nameof(LeadScored), Score),
        [LeadQualified.Type] = new(nameof(LeadQualified), Qualification),
        [AccountUpdated.Type] = new(nameof(AccountUpdated), Account),
        [OpportunityCreated.Type] = new(nameof(OpportunityCreated), Opportunity),
        [OpportunityStageChanged.Type] = new(nameof(OpportunityStageChanged), Stage),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> _typesByContract = _kinds.ToFrozenDictionary(kind => kind.Value.Contract, kind => kind.Key, StringComparer.Ordinal);

    private delegate LedgerFact Reader(LedgerFact fact, FactFields root, FactFields payload);

    /// <summary>The event types that there are.</summary>
    public static IEnumerable<string> Types => _kinds.Keys.Order(StringComparer.Ordinal);

    /// <summary>True when there is such an event type.</summary>
    public static bool IsKnown(string type) => _kinds.ContainsKey(type);

    /// <summary>The event type of a .NET contract by its name, or null.</summary>
    public static string? TypeOf(string contract) => _typesByContract.GetValueOrDefault(contract);

    /// <summary>True when such a fact may name an account and nobody.</summary>
    public static bool MayNameAnAccountAlone(string? type) => type is AccountUpdated.Type or OpportunityCreated.Type or OpportunityStageChanged.Type;

    /// <summary>Which keys the subject of such a fact needs; continues a sentence.</summary>
    public static string NeededKeys(string? type) => type switch
    {
        AccountUpdated.Type => "needs account_id",
        OpportunityCreated.Type or OpportunityStageChanged.Type => "needs external_id, email, a phone number with its country, crm_id, anonymous_id, device_id or account_id",
        _ => "needs external_id, email, a phone number with its country, crm_id, anonymous_id or device_id",
    };

    /// <summary>The fact with what its payload says; what is wrong is noted.</summary>
    /// <param name="fact">The fact as far as it was read.</param>
    /// <param name="root">All of its fields.</param>
    /// <param name="type">Its event type; null when it is not known.</param>
    public static LedgerFact Read(LedgerFact fact, FactFields root, string? type)
    {
        var payload = root.Object("payload");
        return type is null ? fact : _kinds[type].Read(fact, root, payload);
    }

    private static LedgerFact Profile(LedgerFact fact, FactFields root, FactFields payload)
    {
        var attributes = payload.Scalars("attributes", required: true);
        return fact with { AttributesJson = attributes.IsPresent && root.Defect is null ? attributes.ToJson() : null };
    }

    private static LedgerFact Merge(LedgerFact fact, FactFields root, FactFields payload)
    {
        var merged = payload.Object("merged");
        var externalId = NormalKey.OfId(merged.Id("external_id", SnapshotRowBuilder.MaxExternalIdChars));
        var email = NormalKey.OfEmail(AddressText.Bare(merged.Key("email", SnapshotRowBuilder.MaxEmailChars)));
        var phone = merged.Key("phone", SnapshotRowBuilder.MaxPhoneChars);
        PersonKey[] keys = [.. LedgerFact.KeysOf(externalId, email), .. SubjectKeys.Read(merged, phone)];
        if (merged.IsPresent && keys.Length == 0 && phone is null && !merged.Has("account_id"))
        {
            payload.Fail("merged", "keys_missing", "needs a key of the profile that is gone");
        }
        else if (externalId is not null && externalId == fact.ExternalId)
        {
            payload.Fail("merged.external_id", "merged_with_itself", "is the subject's own; name the profile that is gone");
        }

        return fact with { MergedKeys = keys };
    }

    private static LedgerFact Deletion(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.OptionalText("reason", MaxWord);
        return fact with
        {
            Consents =
            [
                .. fact.Consents,
                new FactConsent(Suppression.PurposeOf(ProfileDeleted.Type), ConsentWord.Denied, fact.Producer, fact.OccurredAt) { IsOfProfileAlone = fact.ExternalId is not null },
            ],
        };
    }

    private static LedgerFact Consent(LedgerFact fact, FactFields root, FactFields payload)
    {
        var purpose = payload.Text("purpose", MaxPurpose);
        var status = payload.Text("status", MaxName);
        var source = payload.Text("source", MaxSource);
        if (status is not (null or ConsentWord.Granted or ConsentWord.Denied))
        {
            payload.Fail("status", "consent_unknown", "must be granted or denied");
        }

        if (NormalKey.OfEmail(fact.Email) is { } address && !AddressText.MayBeOne(address))
        {
            root.Fail("subject.email", "email_malformed", "is not one e-mail address, so that the decision would hold for nobody; send one fact per address");
        }

        if (status == ConsentWord.Granted && fact.ExternalId is null && NormalKey.OfEmail(fact.Email) is null)
        {
            root.Fail("subject", "keys_missing", "needs external_id or email: a grant counts under these alone");
        }

        var decision = new FactConsent(purpose ?? "", status ?? "", source ?? "unknown", fact.OccurredAt)
        {
            Channel = payload.OptionalText("channel", MaxWord),
            LegalBasis = payload.OptionalText("legal_basis", MaxWord),
            ExpiresAt = payload.OptionalTime("expires_at"),
            EvidenceJson = Evidence(payload.OptionalObject("evidence")),
        };
        return purpose is null ? fact : fact with { Consents = [.. fact.Consents, decision] };
    }

    /// <summary>What shows a decision, as it is kept: the fields that are known; null when none of them says anything.</summary>
    private static string? Evidence(FactFields evidence)
    {
        (string Name, int Max)[] fields = [
            ("method", ConsentProofText.MaxWord), ("ref", ConsentProofText.MaxName), ("notice", ConsentProofText.MaxName), ("notice_version", ConsentProofText.MaxWord), ("language", ConsentProofText.MaxLanguage), ("signal", ConsentProofText.MaxSignal),
        ];
        (string Name, string? Text)[] said = [.. fields.Select(field => (field.Name, evidence.OptionalText(field.Name, field.Max))).Where(field => field.Item2 is not null)];
        return said.Length == 0 ? null : Encoding.UTF8.GetString(RelaxedJson.Object(writer =>
        {
            foreach (var (name, text) in said)
            {
                writer.WriteString(name, text);
            }
        }));
    }

    private static LedgerFact Membership(LedgerFact fact, FactFields root, FactFields payload)
    {
        var audience = payload.Text("audience", MaxWord);
        var isMember = payload.Flag("is_member");
        if (fact.ExternalId is null)
        {
            root.Fail("subject.external_id", "missing", "is needed to change a membership");
        }

        return fact with { Membership = new FactMembership(audience ?? "", isMember ?? false) };
    }

    private static LedgerFact Behavior(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.Scalars("properties", required: false);
        var purchase = payload.OptionalObject("purchase");
        if (purchase.IsPresent)
        {
            purchase.Text("product_id", MaxName);
            purchase.Currency("currency", required: true);
            purchase.Amount("price", least: 0);
            purchase.Count("quantity", missing: 1, least: 1);
        }

        return fact with { EventName = payload.Text("name", MaxName) };
    }

    private static LedgerFact Lead(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.RequiredId("lead_id", MaxId);
        payload.OptionalText("status", MaxStage);
        payload.OptionalText("source", MaxSource);
        payload.Id("campaign_id", MaxId);
        payload.Scalars("attributes", required: false);
        return fact;
    }

    private static LedgerFact Enrichment(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.RequiredId("lead_id", MaxId);
        payload.Text("source", MaxSource);
        payload.Scalars("attributes", required: true);
        return fact;
    }

    private static LedgerFact Score(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.RequiredId("lead_id", MaxId);
        payload.Number("score", required: true);
        payload.Number("previous_score", required: false);
        payload.OptionalText("model", MaxSource);
        return fact;
    }

    private static LedgerFact Qualification(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.RequiredId("lead_id", MaxId);
        payload.Text("stage", MaxWord);
        payload.OptionalText("previous_stage", MaxWord);
        payload.OptionalText("reason", MaxName);
        return fact;
    }

    private static LedgerFact Account(LedgerFact fact, FactFields root, FactFields payload)
    {
        if (root.OptionalObject("subject") is { IsPresent: true } subject && subject.OptionalText("account_id", SnapshotRowBuilder.MaxExternalIdChars) is null)
        {
            subject.Fail("account_id", "missing", "is needed: an account is known by it");
        }

        payload.Scalars("attributes", required: true);
        return fact;
    }

    private static LedgerFact Opportunity(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.RequiredId("opportunity_id", MaxId);
        payload.Text("stage", MaxStage);
        payload.OptionalText("name", MaxName);
        CheckMoney(payload);
        payload.OptionalDate("expected_close_on");
        payload.Id("lead_id", MaxId);
        return fact;
    }

    private static LedgerFact Stage(LedgerFact fact, FactFields root, FactFields payload)
    {
        payload.RequiredId("opportunity_id", MaxId);
        payload.Text("stage", MaxStage);
        payload.OptionalText("previous_stage", MaxStage);
        payload.OptionalText("outcome", MaxWord);
        CheckMoney(payload);
        return fact;
    }

    private static void CheckMoney(FactFields payload)
    {
        var amount = payload.OptionalAmount("amount", least: 0);
        payload.Currency("currency", required: amount is not null);
    }

    /// <param name="Contract">Name of the .NET contract.</param>
    /// <param name="Read">What reads its payload.</param>
    private sealed record Kind(string Contract, Reader Read);
}
