using System.Globalization;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>Decides whether a plan may be delivered without a person. Limits are exact decimals: 29 of 100 members is not more than 0.29.</summary>
internal static class AudienceSyncGuardrail
{
    public static bool Holds(AudienceSyncState run) => Reason(run) is not null;

    /// <summary>
    /// <c>unread_rows</c>, <c>mass_removal</c>, <c>mass_addition</c>, or null when the plan may be delivered. A destination without members
    /// holds nothing back.
    /// </summary>
    public static string? Reason(AudienceSyncState run)
    {
        if (run is { UnreadRows: > 0, ToRemove: > 0 })
        {
            return "unread_rows";
        }

        var current = run.CurrentMembers ?? 0;
        if (current <= 0)
        {
            return null;
        }

        if (run.ToRemove > Written(run.MaxRemovalShare) * current)
        {
            return "mass_removal";
        }

        return run.MaxAdditionMultiple is { } multiple && run.ToAdd > Written(multiple) * current ? "mass_addition" : null;
    }

    /// <summary>The number as somebody wrote it: 0.3 of ten is three, though the nearest binary fraction is less.</summary>
    private static decimal Written(double number) => decimal.Parse(number.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>What the operator reads while the run is held.</summary>
    public static string Explanation(AudienceSyncState run)
    {
        if (Reason(run) == "unread_rows")
        {
            return FormattableString.Invariant(
                $"Approval: {run.UnreadRows} rows of the last list could not be read, not even whom they are about, and the plan would remove {run.ToRemove} people who may be among them. ") +
                $"Mend the rows ('snapshots show SNAPSHOT' lists them) and load the list again after 'sync cancel {run.CorrelationId}'; or remove these people with 'sync approve {run.CorrelationId}'.";
        }

        var (change, limit) = Reason(run) == "mass_removal"
            ? (FormattableString.Invariant($"remove {run.ToRemove}"), FormattableString.Invariant($"a share of {run.MaxRemovalShare}"))
            : (FormattableString.Invariant($"add {run.ToAdd}"), FormattableString.Invariant($"{run.MaxAdditionMultiple} times the members"));
        return FormattableString.Invariant(
            $"Approval: the plan would {change} while the destination has {run.CurrentMembers} members; allowed is {limit}. ") +
            $"Check the audience, then 'sync approve {run.CorrelationId}' or 'sync cancel {run.CorrelationId}'.";
    }
}
