using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Backfills;

/// <summary>
/// What a replay that owes state again is about: not the values of old facts, which would go over newer ones, but the people of whom they tell; those are written as they are now, by a backfill of
/// attributes, which is read first, quiet, and can be taken back. Pure.
/// </summary>
internal static class OwedAgain
{
    /// <summary>Types of facts that state what is written to destinations as attributes.</summary>
    public static IReadOnlyList<string> Types { get; } = [ProfileUpdated.Type];

    /// <summary>True when state is asked for and not events.</summary>
    public static bool IsAskedFor(ReplayRequest request) => request.Kind == Contracts.Backfills.BackfillKind.Redeliver && request.Types is { } types && types.Any(StatesSomething);

    /// <summary>What is wrong with asking for it like this, or null.</summary>
    public static RunRefusal? FindFault(ReplayRequest request) => request switch
    {
        _ when request.Types!.FirstOrDefault(type => type is AudienceMembershipChanged.Type or ConsentUpdated.Type) is { } own => new RunRefusal(
            400, "type-goes-its-own-way", "types", own == ConsentUpdated.Type
                ? "What people decided goes to every destination by itself until it is confirmed there. Name 'profile_updated' or events."
                : "Memberships are owed again by a run of the audience that compares whole: 'sync start AUDIENCE --mode full'. Name 'profile_updated' or events."),
        _ when request.Types!.FirstOrDefault(type => !Types.Contains(type)) is { } other => new RunRefusal(
            400, "types-mixed", "types", $"State and events are owed again by runs of their own. Ask once for 'profile_updated' and once for '{other}'."),
        { AllowRepeat: true } => new RunRefusal(400, "field-unexpected", "allow_repeat", "State may be written as often as one likes, so there is nothing to allow. Leave 'allow_repeat' out."),
        _ => null,
    };

    private static bool StatesSomething(string type) => Types.Contains(type) || type is AudienceMembershipChanged.Type or ConsentUpdated.Type;
}
