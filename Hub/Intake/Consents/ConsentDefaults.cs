using IntegrationHub.Contracts.Events;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>What holds for every row of a list of consents that does not say otherwise.</summary>
/// <param name="KnownPurposes">The purposes of <c>consent.yaml</c>.</param>
/// <param name="Purpose">Purpose, or null when every row names its own.</param>
/// <param name="Status"><see cref="ConsentWord.Granted"/> or <see cref="ConsentWord.Denied"/>, or null when every row says it.</param>
/// <param name="Source">Where the list comes from: the evidence.</param>
/// <param name="DecidedAt">When it was decided as it was given, or null: a denial counts from now on.</param>
/// <param name="EmailColumn">Header of the column with the address, or null for the usual ones.</param>
/// <param name="IdColumn">Header of the column with the company's id, or null for the usual ones.</param>
/// <param name="MayNotGrant">Why the list's grants do not count; null when they do.</param>
internal sealed record ConsentDefaults(
    IReadOnlyList<string> KnownPurposes, string? Purpose, string? Status, string Source, string? DecidedAt, string? EmailColumn, string? IdColumn, string? MayNotGrant = null)
{
    /// <summary>Ground of every decision that names none, or null.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>What shows every decision, as far as its row says nothing else, or null.</summary>
    public ConsentEvidence? Evidence { get; init; }
}
