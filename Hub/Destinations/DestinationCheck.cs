using System.Text.Json.Serialization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Notices;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Destinations;

/// <summary>
/// Checks a destination without changing anything there: credentials, permissions, the fields that its mapping writes, the kinds of event that its file tells and its audiences. The vendor is asked also
/// where the hub's own books say that no call is left; when it answers well, waits that were known before are over.
/// </summary>
internal sealed class DestinationCheck(AudienceTargets targets, DestinationHealth health)
{
    private const string OfAudiences = "/audience:";

    /// <summary>Runs the checks; the later ones are left out when the first already fails.</summary>
    public async Task<CheckJson> RunAsync(Destination destination, CancellationToken cancellationToken)
    {
        var (findings, notChecked) = (new List<FindingJson>(), new List<string>());
        var known = await health.ListAsync(destination.Name, cancellationToken);
        var (inspected, events) = (0, 0);
        try
        {
            if (await destination.InsistingConnector.CheckAsync(cancellationToken) is { } condition)
            {
                findings.Add(Finding(destination, condition));
            }
            else
            {
                await health.ClearAsync(known.Where(condition => !condition.Name.Contains(OfAudiences, StringComparison.Ordinal)), cancellationToken);
                inspected = await InspectFieldsAsync(destination, findings, cancellationToken);
                events = await InspectEventsAsync(destination, findings, notChecked, cancellationToken);
                await InspectAudiencesAsync(destination, findings, known, cancellationToken);
            }
        }
        catch (DestinationException trouble)
        {
            findings.Add(Finding(destination, trouble.Condition));
        }

        findings.AddRange((await health.ListAsync(destination.Name, cancellationToken)).Where(condition => StandsFor(condition, findings)).Select(condition => OfAudience(destination, condition)));
        return new CheckJson(destination.Name, findings.Count == 0, inspected, findings, destination.Descriptor.PermissionsNotProven, await targets.MovesAsync(destination, null, cancellationToken), destination.Irreversible, destination.OptOutsNotTold) { EventsInspected = events, NotChecked = notChecked };
    }

    private static async Task<int> InspectFieldsAsync(Destination destination, List<FindingJson> findings, CancellationToken cancellationToken)
    {
        if (destination.InsistingConnector is not IFieldInspection inspection)
        {
            return 0;
        }

        var fields = Fields(destination.MappedFields);
        var found = await inspection.InspectAsync(fields, cancellationToken);
        findings.AddRange(found.Select(Finding));
        return fields.Count - found.Sum(finding => finding.FieldsNotInspected);
    }

    private static async Task<int> InspectEventsAsync(Destination destination, List<FindingJson> findings, List<string> notChecked, CancellationToken cancellationToken)
    {
        if (destination.InsistingConnector is not IEventInspection inspection || destination.EventUses is not { Count: > 0 } events)
        {
            return 0;
        }

        var found = await inspection.InspectEventsAsync(events, cancellationToken);
        notChecked.AddRange(found.Where(finding => finding.IsUnknown).Select(finding => $"{finding.Problem} {finding.Fix}"));
        findings.AddRange(found.Where(finding => !finding.IsUnknown).Select(finding => finding.Code == FieldFinding.PermissionMissing ? Finding(finding) : new FindingJson("event", finding.Name, finding.Code, finding.Problem, finding.Fix)));
        return events.Count - found.Sum(finding => finding.FieldsNotInspected);
    }

    private async Task InspectAudiencesAsync(Destination destination, List<FindingJson> findings, IReadOnlyList<StoredCondition> conditions, CancellationToken cancellationToken)
    {
        var audiences = (await targets.ListAsync(destination, cancellationToken)).Select(audience => new AudienceTarget(audience.Audience, audience.RemoteRef)).ToList();
        if (destination.InsistingConnector is not IAudienceInspection inspection || audiences.Count == 0)
        {
            return;
        }

        var found = await inspection.InspectAudiencesAsync(audiences, cancellationToken);
        var well = audiences.Where(target => !found.Any(finding => finding.Name == target.RemoteRef || finding.Name == target.Audience))
            .Select(target => DestinationHealth.OfAudience(destination.Name, target.Audience)).ToHashSet(StringComparer.Ordinal);
        await health.ClearAsync(conditions.Where(condition => well.Contains(condition.Name)), cancellationToken);
        foreach (var finding in found)
        {
            var audience = audiences.Find(target => target.RemoteRef == finding.Name || target.Audience == finding.Name);
            if (audience is not null && finding.Code == ReasonCode.AudienceGone)
            {
                await targets.ForgetAsync(destination, audience, null, cancellationToken);
                findings.Add(Gone(destination, audience));
            }
            else
            {
                findings.Add(new FindingJson("audience", audience?.Audience ?? finding.Name, finding.Code, finding.Problem, finding.Fix));
            }
        }
    }

    /// <summary>An audience that a delivery found wanting and that could not be looked at: the hub has nothing at the vendor yet that it could ask for.</summary>
    private static bool StandsFor(StoredCondition condition, List<FindingJson> findings) =>
        condition is { Trouble: "misconfigured" } && condition.Name.Contains(OfAudiences, StringComparison.Ordinal)
            && !findings.Exists(finding => finding.Check == "audience" && finding.Field == AudienceOf(condition));

    private static string AudienceOf(StoredCondition condition) => condition.Name[(condition.Name.IndexOf(OfAudiences, StringComparison.Ordinal) + OfAudiences.Length)..];

    private static FindingJson OfAudience(Destination destination, StoredCondition condition)
    {
        var repair = destination.Descriptor.Repairs.GetValueOrDefault(condition.Code) ?? Unknown(condition.Code);
        return new("audience", AudienceOf(condition), condition.Code, $"A delivery met it: {repair.Problem}", $"{repair.Fix} Then say: destinations resume {destination.Name}.");
    }

    private static Repair Unknown(string code) => new(
        "configuration",
        $"The vendor knows the credentials and refuses what the connector asks ({code}).",
        "The runbook reason-codes says what the code means; look at base_url, the permissions that the connector's README names, and the settings of the destination's file.");

    private static FindingJson Gone(Destination destination, AudienceTarget audience) => new(
        "audience",
        audience.Audience,
        ReasonCode.AudienceGone,
        $"{audience.RemoteRef}, which stood for it at the vendor, was deleted there.",
        destination.AudienceRequest(audience.Audience).RemoteId is null
            ? $"The hub makes it anew: sync start {audience.Audience} --destination {destination.Name} adds all its members again."
            : $"Restore it at the vendor and say: destinations resume {destination.Name}. Or put another id under audiences in destinations/{destination.Name}.yaml and start the hub again; its members are then owed there.");

    private static List<FieldUse> Fields(IEnumerable<FieldMapping> mapped) =>
        [.. mapped.Where(field => field.Owner == FieldOwner.Hub).Select(field => new FieldUse(field.To, Destination.KindOf(field.Type)) { IsAddedTo = field.IsAddedTo }).DistinctBy(field => field.Name)];

    private static FindingJson Finding(string code, Repair repair) => new(repair.Concerns, null, code, repair.Problem, repair.Fix);

    private static FindingJson Finding(FieldFinding finding) => finding.Code == FieldFinding.PermissionMissing
        ? new("permissions", null, finding.Code, finding.Problem, finding.Fix)
        : new("field", finding.Name, finding.Code, finding.Problem, finding.Fix);

    private static FindingJson Finding(Destination destination, DestinationCondition condition) => condition.Trouble switch
    {
        DestinationTrouble.Unauthorized => new(
            "credentials", null, condition.Code, "The vendor refuses the credentials.", $"Put valid ones where destinations/{destination.Name}.yaml points to; they are read anew, no restart is needed."),
        DestinationTrouble.Misconfigured => Finding(condition.Code, destination.Descriptor.Repairs.GetValueOrDefault(condition.Code) ?? Unknown(condition.Code)),
        DestinationTrouble.Throttled => new(
            "quota", null, condition.Code, "The vendor was asked just now and takes no call.", condition.RetryAfter is { } wait ? $"It says to ask again in {Math.Ceiling(wait.TotalSeconds):0} s." : "Check again later."),
        _ => new("connection", null, condition.Code, "The vendor does not answer.", $"Check base_url of destinations/{destination.Name}.yaml and the network, then check again."),
    };
}

/// <summary>What a check found.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Ok">True when nothing is wrong.</param>
/// <param name="FieldsInspected">Mapped fields that were compared with the vendor's; 0 where the vendor or a missing permission does not let them be.</param>
/// <param name="Findings">What is wrong.</param>
/// <param name="PermissionsNotProven">Permissions that are needed but that no call proves without changing something at the vendor.</param>
/// <param name="Moves">What the next sync changes at the vendor because the configuration asks for another side of an audience.</param>
/// <param name="Irreversible">What of the destination's file cannot be undone once it was done at the vendor.</param>
/// <param name="OptOutsNotTold">What does not come back of opt-outs at the vendor, and what to do; null when all does.</param>
internal sealed record CheckJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("ok")] bool Ok,
    [property: JsonPropertyName("fields_inspected")] int FieldsInspected,
    [property: JsonPropertyName("findings")] IReadOnlyList<FindingJson> Findings,
    [property: JsonPropertyName("permissions_not_proven")] IReadOnlyList<string>? PermissionsNotProven = null,
    [property: JsonPropertyName("moves")] IReadOnlyList<string>? Moves = null,
    [property: JsonPropertyName("irreversible")] IReadOnlyList<string>? Irreversible = null,
    [property: JsonPropertyName("opt_outs_not_told")] string? OptOutsNotTold = null)
{
    /// <summary>Kinds of event in its file that were compared with the vendor's; 0 where it has none, or the vendor does not tell them.</summary>
    [JsonPropertyName("events_inspected")]
    public int EventsInspected { get; init; }

    /// <summary>What could not be compared, for want of a permission that nothing else needs: why and what to do, sentences. Nothing of it is known to be wrong.</summary>
    [JsonPropertyName("not_checked")]
    public IReadOnlyList<string> NotChecked { get; init; } = [];

    /// <summary>What ends of the vendor's interfaces that the hub calls: nothing is wrong yet, and something will be. Empty when nothing is known to.</summary>
    [JsonPropertyName("endings")]
    public IReadOnlyList<EndingJson>? Endings { get; init; }
}

/// <summary>Something that is wrong.</summary>
/// <param name="Check">What is wrong: credentials, permissions, settings, address, account, quota, connection, field, event, audience, or configuration where the code is not known.</param>
/// <param name="Field">The vendor's field, with <c>field</c>; the vendor's name of the kind of event, with <c>event</c>; the audience, with <c>audience</c>.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Fix">What to do.</param>
internal sealed record FindingJson(
    [property: JsonPropertyName("check")] string Check,
    [property: JsonPropertyName("field")] string? Field,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("problem")] string Problem,
    [property: JsonPropertyName("fix")] string Fix);
