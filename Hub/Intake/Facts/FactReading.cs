using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Reads a message as a canonical fact: the JSON of the fact alone, a CloudEvent, or in the envelope of the .NET contracts. Every field is checked, and what
/// is wrong is said with its path. Never throws for what a message holds. Pure.
/// </summary>
internal static class FactReading
{
    /// <summary>Largest message that is read, in bytes; a person's attributes are a few thousand.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>How far a producer's clock may be ahead.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private const int MaxPurpose = 64;
    private const int MaxSource = 128;
    private const int MaxName = 255;
    private static readonly string[] _rewritten = ["event_id", "event_type", "occurred_at"];
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a message.</summary>
    /// <param name="body">Its bytes.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="authority">Whose grants count, and all purposes that there are: what is denied by a withdrawal that does not say what for.</param>
    /// <param name="retention">How long facts are kept; one that is older is set aside. As in a fresh installation when null.</param>
    /// <param name="rules">What is decided about departures from the contract; as where nobody said anything when null.</param>
    public static FactVerdict Read(ReadOnlyMemory<byte> body, DateTimeOffset now, ConsentAuthority authority, FactRetention? retention = null, FactRules? rules = null)
    {
        var verdict = Judge(body, now, authority, retention ?? FactRetention.Default, rules ?? FactRules.Default);
        return verdict.Quarantined is null ? verdict : verdict with { Precautions = WithdrawalReading.Find(verdict.Quarantined.Body, now, authority.Purposes) };
    }

    /// <summary>Sets a message aside whose door knows what is wrong with it.</summary>
    /// <param name="body">Its bytes; what is over the limit is cut.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="defect">What is wrong.</param>
    /// <param name="purposes">All purposes that there are.</param>
    public static FactVerdict SetAside(ReadOnlyMemory<byte> body, DateTimeOffset now, FactDefect defect, IReadOnlyCollection<string> purposes)
    {
        var kept = body.Length > MaxBytes ? body[..MaxBytes] : body;
        return SetAside(kept, now, null, null, defect) with { Precautions = WithdrawalReading.Find(kept, now, purposes) };
    }

    private static FactVerdict Judge(ReadOnlyMemory<byte> body, DateTimeOffset now, ConsentAuthority authority, FactRetention retention, FactRules rules)
    {
        if (body.Length > MaxBytes)
        {
            return SetAside(body[..MaxBytes], now, null, null, new FactDefect("", "too_large", "The message is larger than 256 KiB; send fewer attributes, or shorter ones. What is kept of it is cut."));
        }

        if (!Utf8.IsValid(body.Span))
        {
            return SetAside(body, now, null, null, new FactDefect("", "not_utf8", "The message is not UTF-8."));
        }

        try
        {
            using var json = JsonDocument.Parse(body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body, _strict);
            if (CloudEventReading.IsOne(json.RootElement))
            {
                return CloudEventReading.Unpack(json.RootElement) is { } unpacked ? Judge(unpacked, now, authority, retention, rules) : ReadCloudEvent(body, json.RootElement, now, authority, retention, rules);
            }

            var (fact, contract) = Open(json.RootElement);
            return fact.ValueKind == JsonValueKind.Object
                ? Read(body, fact, contract, now, authority, retention, rules)
                : SetAside(body, now, contract, null, new FactDefect("", "not_an_object", "The message holds no JSON object with a fact."));
        }
        catch (JsonException)
        {
            return SetAside(body, now, null, null, new FactDefect("", "json_malformed", "The message is no JSON, or an object of it names a property twice."));
        }
        catch (InvalidOperationException)
        {
            return SetAside(body, now, null, null, new FactDefect("", "half_surrogate_pair", "A name in the message holds half a surrogate pair."));
        }
    }

    /// <summary>A fact that was read well and that the database does not take.</summary>
    public static FactVerdict Refused(ReadOnlyMemory<byte> body, FactVerdict verdict, DateTimeOffset now) =>
        SetAside(body, now, verdict.EventType, verdict.Fact?.EventId.ToString(), new FactDefect("", "database_refused", "The database does not take this fact."), verdict.Fact?.Producer)
            with { Precautions = WithdrawalReading.Find(body, now, []) };

    /// <summary>A fact that was read well and by whose keys nobody can be told. What it denies is in force already.</summary>
    /// <param name="body">Its bytes.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="candidates">The first keys of those who claim its keys; none when they are blocked.</param>
    /// <param name="now">The hub's time.</param>
    public static FactVerdict Contested(ReadOnlyMemory<byte> body, LedgerFact fact, IReadOnlyList<PersonKey> candidates, DateTimeOffset now)
    {
        var verdict = SetAside(body, now, fact.EventType, fact.EventId.ToString(), new FactDefect("subject", "identity_contested", IdentityProblem.Of(fact, candidates)), fact.Producer);
        return verdict with { Quarantined = verdict.Quarantined! with { Keys = fact.Keys, TenantId = fact.TenantId } };
    }

    /// <summary>The fact and, when it came in an envelope, the type that the envelope names.</summary>
    private static (JsonElement Fact, string? Type) Open(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("messageType", out var types) || types.ValueKind != JsonValueKind.Array || !root.TryGetProperty("message", out var message))
        {
            return (root, null);
        }

        var names = types.EnumerateArray().Where(type => type.ValueKind == JsonValueKind.String).Select(type => type.GetString()!.Split(':')[^1]);
        return (message, names.Select(PayloadReading.TypeOf).FirstOrDefault(type => type is not null));
    }

    /// <summary>What is wrong is said in the words of the event, and the event is kept as it came.</summary>
    private static FactVerdict ReadCloudEvent(ReadOnlyMemory<byte> body, JsonElement root, DateTimeOffset now, ConsentAuthority authority, FactRetention retention, FactRules rules)
    {
        var fact = CloudEventReading.ToFact(root);
        using var json = JsonDocument.Parse(fact);
        var verdict = Read(fact, json.RootElement, null, now, authority, retention, rules);
        return (verdict.Quarantined is { } wrong
            ? SetAside(body, now, wrong.EventType, wrong.EventId, new FactDefect(CloudEventReading.PathOf(wrong.Path), wrong.Code, wrong.Problem), wrong.Producer)
            : verdict) with { Trace = CloudEventReading.TraceOf(root), Violations = [.. verdict.Violations.Select(violation => violation with { Path = CloudEventReading.PathOf(violation.Path) })] };
    }

    private static FactVerdict Read(ReadOnlyMemory<byte> body, JsonElement json, string? contract, DateTimeOffset now, ConsentAuthority authority, FactRetention retention, FactRules rules)
    {
        var unreadable = UnreadableText.Find(body.Span, json);
        try
        {
            return Read(body, json, unreadable, contract, now, authority, retention, rules);
        }
        catch (InvalidOperationException) when (unreadable is not null)
        {
            return SetAside(body, now, contract, null, unreadable);
        }
    }

    private static FactVerdict Read(
        ReadOnlyMemory<byte> body, JsonElement json, FactDefect? unreadable, string? contract, DateTimeOffset now, ConsentAuthority authority, FactRetention retention, FactRules rules)
    {
        var root = FactFields.Of(rules.Upcasters.Raise(json, contract), unreadable);
        var latest = now + ClockTolerance;
        var eventId = root.Uuid("event_id");
        var type = TypeOf(root, contract);
        var newest = type is null ? 1 : rules.Upcasters.Newest(type);
        if (root.Count("schema_version", missing: 1, least: 1) is { } version && version != newest)
        {
            root.Fail("schema_version", "schema_unknown", string.Create(CultureInfo.InvariantCulture, $"is not a version that this hub knows; of this type it knows {string.Join(", ", Enumerable.Range(1, newest))}"));
        }

        var occurredAt = root.Time("occurred_at", latest);
        if (type is not null && occurredAt < now - retention.AgeOf(type))
        {
            root.Fail("occurred_at", "too_old", string.Create(CultureInfo.InvariantCulture, $"is longer ago than facts of this type are kept ({retention.AgeOf(type).TotalDays:0} days): whether it came in before is not known any more"));
        }

        var producer = root.Text("producer", 128) is { } stated ? rules.PresentName(stated) : null;
        var tenant = root.OptionalText("tenant_id", 64) ?? "default";
        var correlation = root.OptionalText("correlation_id", 255);
        var subject = root.Object("subject");
        var fact = new LedgerFact
        {
            EventId = eventId ?? Guid.Empty,
            EventType = type ?? "",
            TenantId = tenant,
            OccurredAt = occurredAt ?? now,
            Producer = producer ?? "",
            CorrelationId = correlation,
            ExternalId = subject.Id("external_id", SnapshotRowBuilder.MaxExternalIdChars),
            Email = AddressText.Bare(subject.Key("email", SnapshotRowBuilder.MaxEmailChars)),
            Phone = subject.Key("phone", SnapshotRowBuilder.MaxPhoneChars),
            BodyJson = "",
        };
        fact = fact with { OtherKeys = SubjectKeys.Read(subject, fact.Phone) };
        if (subject.IsPresent && fact.Keys.Count == 0 && !(PayloadReading.MayNameAnAccountAlone(type) && subject.Has("account_id")))
        {
            root.Fail("subject", "keys_missing", PayloadReading.NeededKeys(type));
        }

        fact = fact with { Consents = Signalled(root.OptionalObject("consent"), latest) };
        fact = rules.ByPresentNames(PayloadReading.Read(fact, root, type));
        fact = fact with { Consents = [.. fact.Consents.Select(consent => consent with { Purpose = ConsentAuthority.PurposeOf(consent.Purpose, authority.Purposes) })] };
        CheckAuthority(fact, root, authority);
        CheckDestinations(fact, root, authority);
        if (root.Defect is { } defect)
        {
            return SetAside(body, now, type, eventId?.ToString(), defect, producer)
                with { Violations = ViolationReading.Of(defect, json, type, eventId?.ToString(), producer) is { } violation ? [violation] : [] };
        }

        var unplanned = rules.UnplannedOf(fact);
        var contents = new FactContents();
        var kept = BodyOf(json, fact, contents, unplanned == UnplannedProperty.Allow);
        IReadOnlyList<Violation> violations = [];
        if (rules.Ownership is { } ownership)
        {
            (fact, var foreign) = OwnedAttributes.Take(fact, ownership);
            violations = [.. ViolationReading.OfForeign(foreign, json, fact)];
        }

        if (contents.Unplanned.Count == 0)
        {
            return new FactVerdict(fact with { BodyJson = kept }, null) { Violations = violations, Contents = contents };
        }

        violations = [.. ViolationReading.Of(contents.Unplanned, json, fact, unplanned), .. unplanned == UnplannedProperty.Quarantine ? [] : violations];
        return unplanned == UnplannedProperty.Quarantine
            ? SetAside(
                body, now, type, eventId?.ToString(),
                new FactDefect(contents.Unplanned[0], "property_unplanned", "is no property of the schema; leave it out, or let violations in the source's file omit it"), producer) with { Violations = violations }
            : new FactVerdict(fact with { BodyJson = kept }, null) { Violations = violations, Contents = contents };
    }

    private static string? TypeOf(FactFields root, string? contract)
    {
        var type = root.OptionalText("event_type", MaxName) ?? contract;
        if (type is null)
        {
            root.Fail("event_type", "missing", "is missing");
        }
        else if (!PayloadReading.IsKnown(type))
        {
            root.Fail("event_type", "event_type_unknown", $"must be one of {string.Join(", ", PayloadReading.Types)}");
            return null;
        }
        else if (contract is not null && contract != type)
        {
            root.Fail("event_type", "event_type_contradicts", "is another type than the message has");
        }

        return type;
    }

    /// <summary>
    /// What was known of consent when the fact was collected speaks for this fact alone, and is kept with it; it decides nothing about the person. The person's own signal does: it is a denial.
    /// </summary>
    private static IReadOnlyList<FactConsent> Signalled(FactFields consent, DateTimeOffset latest)
    {
        if (!consent.IsPresent)
        {
            return [];
        }

        consent.Text("source", MaxSource);
        var checkedAt = consent.Time("checked_at", latest);
        var gpc = consent.OptionalObject("signals").OptionalFlag("gpc");
        var purposes = consent.Scalars("purposes", required: true);
        foreach (var purpose in purposes.Properties)
        {
            if (string.IsNullOrWhiteSpace(purpose.Name) || purpose.Name.Length > MaxPurpose)
            {
                purposes.Fail("?", "name_malformed", "must be a purpose of 1 to 64 characters");
            }
            else if (purpose.Value.ValueKind != JsonValueKind.String || purpose.Value.GetString() is not (ConsentWord.Granted or ConsentWord.Denied))
            {
                purposes.Fail(purpose.Name, "consent_unknown", "must be granted or denied; leave the purpose out when nothing is known");
            }
        }

        return gpc == true && checkedAt is { } at ? [new FactConsent(ConsentSignalWord.Gpc, ConsentWord.Denied, ConsentSignalWord.GpcSource, at)] : [];
    }

    private static void CheckAuthority(LedgerFact fact, FactFields root, ConsentAuthority authority)
    {
        foreach (var grant in fact.Consents.Where(consent => consent.Status == ConsentWord.Granted && !authority.MayGrant(consent.Source, fact.Producer)))
        {
            root.Object("payload").Fail("source", ConsentAuthority.Refused, authority.Fix(grant.Source, fact.Producer));
        }
    }

    /// <summary>
    /// An event carries with it where it shall not go. A profile, a membership and a grant are told to every destination, so a fact that would change them for all and is not for all is set aside;
    /// what ends a membership or denies takes nothing anywhere.
    /// </summary>
    private static void CheckDestinations(LedgerFact fact, FactFields root, ConsentAuthority authority)
    {
        var destinations = root.OptionalObject("consent").OptionalObject("destinations");
        var isForAll = true;
        foreach (var (name, value) in destinations.Properties.Select(said => (said.Name, said.Value)))
        {
            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                destinations.Fail(name, "not_a_boolean", "must be true or false");
            }
            else if (name != DestinationWord.Others && !authority.IsDestination(name))
            {
                destinations.Fail(name, "destination_unknown", "is no destination of this hub; name it as its file is named, or write * for all that are not named");
            }

            isForAll &= value.ValueKind == JsonValueKind.True;
        }

        if (!isForAll && (fact.AttributesJson is not null || fact.Membership is { IsMember: true } || fact.Consents.Any(consent => consent.Status == ConsentWord.Granted)))
        {
            root.Fail(
                "consent.destinations", DestinationWord.Excluded,
                "excludes a destination, and what changes a profile, a membership or a grant is told to every one; leave consent.destinations out of such facts, or do not state them");
        }
    }

    private static FactVerdict SetAside(ReadOnlyMemory<byte> body, DateTimeOffset now, string? type, string? eventId, FactDefect defect, string? producer = null) =>
        // The same bytes are the same quarantined fact, however often they are delivered.
        new(null, new QuarantinedFact(new Guid(SHA256.HashData(body.Span).AsSpan(0, 16)), now, type, eventId, FactPath.Shown(defect.Path), defect.Code, defect.Problem, body, producer));

    /// <summary>The fact as it is kept: as it came, with the times and the names as they were read, and without what its schema does not know.</summary>
    private static string BodyOf(JsonElement json, LedgerFact fact, FactContents contents, bool keepsUnplanned) => Encoding.UTF8.GetString(RelaxedJson.Object(writer =>
    {
        writer.WriteString("event_id", fact.EventId);
        writer.WriteString("event_type", fact.EventType);
        writer.WriteString("occurred_at", fact.OccurredAt.ToUniversalTime());
        FactPlan.Of(fact.EventType).Write(writer, json, _rewritten, contents, keepsUnplanned);
    }));
}
