using System.Globalization;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Intake.Catalog.Drift;

namespace IntegrationHub.Hub.Intake.Catalog;

/// <summary>Something about facts that is not as it used to be; nothing was set aside for it.</summary>
/// <param name="Kind">One of <c>volume_silent</c>, <c>volume_low</c>, <c>volume_high</c>, <c>null_spike</c>, <c>new_value</c>.</param>
/// <param name="Producer">Whose facts.</param>
/// <param name="Path">The field; empty for the facts as a whole.</param>
/// <param name="Value">The new value, <c>?</c> where it is not shown; else null.</param>
/// <param name="Usual">Facts of such an hour or day in other weeks, or the share of facts without the field (0 to 1); null for a new value.</param>
/// <param name="Now">The same now; of a new value the number of facts.</param>
/// <param name="Since">From when on.</param>
/// <param name="Finding">The same as a sentence.</param>
internal sealed record FindingJson(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("producer")] string Producer,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("value")] string? Value,
    [property: JsonPropertyName("usual")] double? Usual,
    [property: JsonPropertyName("now")] double Now,
    [property: JsonPropertyName("since")] DateTimeOffset Since,
    [property: JsonPropertyName("finding")] string Finding)
{
    /// <summary>Shows a finding.</summary>
    public static FindingJson From(DriftFinding found) => new(found.Kind, found.Producer, found.Path, found.Value, found.Usual, found.Now, found.Since, Say(found));

    private static string Say(DriftFinding found) => found.Kind switch
    {
        DriftFinding.NewValue => string.Create(CultureInfo.InvariantCulture, $"{found.Producer} sends {found.Path} = {found.Value}, which it never did before {found.Since:u}: {found.Now:0} facts. Ask the producer what it means, and whether rules and mappings know it."),
        DriftFinding.NullSpike => string.Create(CultureInfo.InvariantCulture, $"{found.Producer} leaves {found.Path} out of {found.Now:P0} of its facts since {found.Since:u}; before it was {found.Usual:P0}. Ask the producer what it changed."),
        DriftFinding.High => string.Create(CultureInfo.InvariantCulture, $"{found.Producer} sent {found.Now:0} facts since {found.Since:u}; usual at this time of the week are {found.Usual:0}. Look whether it sends something again under new ids."),
        _ => string.Create(CultureInfo.InvariantCulture, $"{found.Producer} sent {found.Now:0} facts since {found.Since:u}; usual at this time of the week are {found.Usual:0}. Look whether it runs, and what it is answered."),
    };
}
