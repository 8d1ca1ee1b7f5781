using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// What a claimed delivery comes to by how the person stands now: an operation, or an outcome that is known already. In the live lane state decides alone, as
/// a run's plan would at this moment: an audience that says so ends a membership, or a person who may not be sent any more, and only one that the hub made. Pure.
/// </summary>
/// <param name="Operation">What to send; null when nothing is.</param>
/// <param name="Outcome">Without an operation: a name from <see cref="LedgerOutcome"/>.</param>
/// <param name="Code">Reason code, or null.</param>
internal readonly record struct StateDecision(Operation? Operation, string? Outcome, string? Code)
{
    /// <summary>The destination is not told live any more.</summary>
    public const string LiveOff = "live_off";

    /// <summary>Another profile shows the person.</summary>
    public const string Joined = "joined";

    /// <summary>The person belongs to no audience that goes there, or left the one that it is about.</summary>
    public const string NotAMember = "not_a_member";

    /// <summary>Somebody else made the person a member there.</summary>
    public const string NotAddedByHub = "not_added_by_hub";

    /// <summary>The destination was told the same, or what is newer, since the letter died.</summary>
    public const string Overtaken = "overtaken";

    /// <summary>The end of a membership that the person has again.</summary>
    public const string MemberAgain = "member_again";

    /// <summary>All that changed since the destination confirmed the person was stated by its own vendor.</summary>
    public const string SaidThere = "said_there";

    /// <summary>Decides for one delivery; of one that is neither state nor overtaken the operation stays.</summary>
    public static StateDecision For(Destination destination, ClaimedDelivery delivery) => delivery switch
    {
        { IsOvertaken: true } => Settled(LedgerOutcome.Unchanged, Overtaken),
        { State: { IsJoined: true } state } => OfJoined(destination, delivery, state),
        { State: { } state, Audience.Length: > 0 } when destination.Decide(delivery.ConsentJson) is { Allowed: false } consent => OfRefused(delivery, state, consent.Code),
        { LetterId: not null, MaybeSent: false, State: { InDoubt: false } state } when state.IsMember == (delivery.Operation == Connectors.Abstractions.Operation.RemoveMember) =>
            Settled(LedgerOutcome.Unchanged, state.IsMember ? MemberAgain : NotAMember),
        { State: { } state } => !destination.IsLive && delivery.LetterId is null
                ? state.IsMember && delivery.Operation == Connectors.Abstractions.Operation.RemoveMember ? Settled(LedgerOutcome.Unchanged, MemberAgain) : Settled(LedgerOutcome.Suppressed, LiveOff)
            : state.IsMember ? new(OfMember(delivery, state), null, null)
            : OfStranger(delivery, state),
        _ when DueIdentity.Is(delivery.Operation) => DueIdentity.For(destination, delivery),
        { HasLeft: true, MaybeSent: false, Operation: Connectors.Abstractions.Operation.AddMember } => Settled(LedgerOutcome.Suppressed, NotAMember),
        _ => new(delivery.Operation, null, null),
    };

    /// <summary>A profile that another one shows leaves the audiences that the hub put it into, unless the destination's file says to ignore it; it is sent nothing else.</summary>
    private static StateDecision OfJoined(Destination destination, ClaimedDelivery delivery, LiveState state)
    {
        var leaves = destination.OnMerge != MergeRule.Ignore && delivery.Audience.Length > 0
            && ((state.AddedByHub && (state.IsRemoteMember || state.InDoubt)) || delivery.MaybeSent);
        return leaves ? new(Connectors.Abstractions.Operation.RemoveMember, null, null) : Settled(LedgerOutcome.Unchanged, Joined);
    }

    /// <summary>Who may not be sent any more leaves the audience that the hub put them into, wherever it goes, though the audience still names them.</summary>
    private static StateDecision OfRefused(ClaimedDelivery delivery, LiveState state, string? code)
    {
        var mayBeThere = state.IsRemoteMember || state.InDoubt || delivery.MaybeSent;
        return mayBeThere && (state.AddedByHub || delivery.MaybeSent) ? new(Connectors.Abstractions.Operation.RemoveMember, null, null)
            : state.IsMember ? Settled(LedgerOutcome.Suppressed, code)
            : Settled(LedgerOutcome.Unchanged, mayBeThere ? NotAddedByHub : NotAMember);
    }

    /// <summary>A call that nobody answered may have taken out whoever is back since, or have put in whom the vendor lists: added once more, it is known.</summary>
    private static Operation OfMember(ClaimedDelivery delivery, LiveState state) => delivery.Audience.Length == 0 || (state.IsRemoteMember && !state.InDoubt && !delivery.MaybeSent)
        ? Connectors.Abstractions.Operation.UpsertProfile
        : Connectors.Abstractions.Operation.AddMember;

    private static StateDecision OfStranger(ClaimedDelivery delivery, LiveState state)
    {
        var mayBeThere = delivery.Audience.Length > 0 && (state.IsRemoteMember || state.InDoubt || delivery.MaybeSent);
        return !mayBeThere ? Settled(LedgerOutcome.Unchanged, NotAMember)
            : state.AddedByHub || delivery.MaybeSent ? new(Connectors.Abstractions.Operation.RemoveMember, null, null)
            : Settled(LedgerOutcome.Unchanged, NotAddedByHub);
    }

    private static StateDecision Settled(string outcome, string? code) => new(null, outcome, code);
}
