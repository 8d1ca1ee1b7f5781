using System.Globalization;

namespace IntegrationHub.Hub.Versions.Effects;

/// <summary>What a plan does to people, in lines for a terminal. Pure.</summary>
internal static class EffectLines
{
    /// <summary>The lines; what leaves anew stands first of each.</summary>
    public static IEnumerable<string> Of(ConfigurationEffectsJson effects)
    {
        yield return effects.LookedAt == effects.People
            ? Text($"All {effects.People:N0} people of what differs were looked at; {effects.Unchanged} audiences at destinations go on as before.")
            : Text($"{effects.LookedAt:N0} of {effects.People:N0} people of what differs were looked at (± holds in 19 of 20 samples; --exact looks at all); {effects.Unchanged} audiences at destinations go on as before.");
        foreach (var sync in effects.Syncs)
        {
            var owed = sync.Add.Count + sync.Update.Count + sync.Remove.Count;
            yield return Text($"{sync.Audience} -> {sync.Destination}: the next full run adds {sync.Add}, writes {sync.Update}, removes {sync.Remove} of {sync.People:N0}{(owed == 0 ? "" : Text($": {sync.Calls:N0} calls{(sync.Seconds is { } seconds ? $", about {Long(seconds)}" : "")}"))}.");
            if (sync.NewlySent.Count > 0)
            {
                yield return $"  ! {sync.NewlySent} people are sent who were not";
            }

            foreach (var field in sync.LeavesAnew)
            {
                yield return $"  ! leaves anew: {Named(field)} for {field.People} people{Samples(field)}";
            }

            foreach (var field in sync.Stops)
            {
                yield return $"  x stops: {Named(field)} for {field.People} people; what is there stays{Samples(field)}";
            }

            if (sync.NoLongerSent.Count > 0)
            {
                yield return $"  x {sync.NoLongerSent} people are not sent any more";
            }

            foreach (var field in sync.Changes)
            {
                yield return $"  ~ changes: {Named(field)} for {field.People} people ({string.Join(", ", field.Differences.Select(difference => $"{difference.Key} {difference.Value}"))}){Samples(field)}";
            }

            foreach (var settled in sync.Settled)
            {
                yield return $"    nothing is sent about {settled.People}: {settled.Outcome}{(settled.Code is { } code ? $" ({code})" : "")}";
            }
        }
    }

    private static string Named(FieldEffectJson field) => $"{field.Field} (from {field.From}, {field.Classification})";

    private static string Samples(FieldEffectJson field) => field.Samples.Count == 0 ? "" : $": {string.Join(", ", field.Samples.Take(3).Select(Sample))}";

    private static string Sample(ValueSampleJson sample) => sample switch
    {
        { Before: { } before, After: { } after } => $"{before} -> {after}",
        { Before: { } before } => before,
        _ => sample.After ?? "",
    };

    /// <summary>A time in a word or two.</summary>
    public static string Long(double seconds) => seconds < 90 ? Text($"{seconds:N0} s") : seconds < 5_400 ? Text($"{seconds / 60:N0} min") : Text($"{seconds / 3_600:N1} h");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
