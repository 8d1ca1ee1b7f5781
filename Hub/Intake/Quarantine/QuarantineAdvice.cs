using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>What to do about a fact that was set aside. Pure, without personal data.</summary>
internal static class QuarantineAdvice
{
    /// <summary>One or two sentences.</summary>
    public static string For(QuarantinedFact fact) => fact switch
    {
        { Settlement.Outcome: QuarantineSettlement.Discarded } => "Nothing: it was discarded. A denial that it stated holds nevertheless, until a later consent_updated fact says granted.",
        { Settlement: not null } => "Nothing: it was taken in.",
        { Code: "in_the_future" } =>
            $"When {fact.Path} is right, wait until then and say 'quarantine replay {fact.QuarantineId}'. When it is not: 'quarantine fix {fact.QuarantineId} --set {fact.Path}=TIME'. The producer's clock has to be set.",
        { Code: "too_old" } =>
            $"When {fact.Path} is wrong, 'quarantine fix {fact.QuarantineId} --set {fact.Path}=TIME'. When it is right, 'quarantine discard {fact.QuarantineId} --reason TEXT': what was stated since then counts. Keep facts of the type longer in facts.yaml (retention: long) before older ones are stated.",
        { Code: "too_large" or "not_utf8" or "json_malformed" or "not_an_object" or "half_surrogate_pair", Path: "" } =>
            $"Let the producer state it again as it was meant, under the same event_id; then 'quarantine discard {fact.QuarantineId} --reason TEXT'. Or give the whole fact: 'quarantine fix {fact.QuarantineId} --fact FILE'.",
        { Code: "identity_contested" } =>
            $"Say whose the key is: 'identity assign KEY --to ID --reason TEXT'; this fact and all others that wait for it are taken in then. Or say it of this fact alone: 'quarantine fix {fact.QuarantineId} --set subject.external_id=ID'. What it denies is in force.",
        { Code: "call_unknown" or "call_malformed" or "call_unreadable" or "no_rule_fits" or "list_missing" or "consent_unmapped" or "source_unknown" } =>
            $"It is a call of a webhook as it came. State what it means as a fact: 'quarantine fix {fact.QuarantineId} --fact FILE'; or 'quarantine discard {fact.QuarantineId} --reason TEXT'. And correct the source's file, so that the next call is read.",
        { Code: "operation_unknown" or "attributes_missing" } =>
            $"It is a line of changes of an audience as it came. Send the line again as it was meant, then 'quarantine discard {fact.QuarantineId} --reason TEXT'.",
        { Code: "database_refused" or "hub_failed" or "schema_unknown" } =>
            $"'quarantine replay {fact.QuarantineId}' once the hub is of a version that takes it; or 'quarantine fix {fact.QuarantineId} --fact FILE'.",
        _ =>
            $"Correct the field, 'quarantine fix {fact.QuarantineId} --set {PathOf(fact)}=VALUE' (VALUE is a text; with := it is JSON, such as true), or 'quarantine discard {fact.QuarantineId} --reason TEXT'. And let the producer mend what it sends.",
    };

    private static string PathOf(QuarantinedFact fact) => fact.Path is { Length: > 0 } path && !path.Contains('?', StringComparison.Ordinal) ? path == "subject" ? "subject.external_id" : path : "PATH";
}
