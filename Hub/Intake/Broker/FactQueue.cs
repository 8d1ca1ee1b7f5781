using IntegrationHub.Contracts.Events;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>A queue that facts come in by. Changes of consent have one of their own, so that they never stand behind a flood of others.</summary>
/// <param name="Name">Name of the queue, and of the exchange before it.</param>
/// <param name="Batch">Most facts of one transaction: large enough to amortise it, small enough to stay short.</param>
/// <param name="Wait">How long a batch that is not full waits for more.</param>
/// <param name="Lanes">How many batches are worked on at once: while one is written the next is read.</param>
/// <param name="Contracts">The .NET contracts that come to it.</param>
/// <param name="RoutingKey">Which plain JSON comes to it.</param>
internal sealed record FactQueue(string Name, int Batch, TimeSpan Wait, int Lanes, IReadOnlyList<FactContract> Contracts, string RoutingKey)
{
    /// <summary>Topic exchange on which producers in any language publish facts as plain JSON; the routing key is the event type.</summary>
    public const string RawExchange = "hub.events";

    /// <summary>Of changes of consent.</summary>
    public static FactQueue Consents { get; } = new("hub-consents", 100, TimeSpan.FromMilliseconds(10), 1, [FactContract.Of<ConsentUpdated>()], ConsentUpdated.Type);

    /// <summary>
    /// Of all other facts. Plain JSON comes to it whatever its key is: a fact under a wrong key is read, or set aside where somebody sees it. A change of consent comes to
    /// both, and the repeat is swallowed.
    /// </summary>
    public static FactQueue Others { get; } = new(
        "hub-intake",
        500,
        TimeSpan.FromMilliseconds(25),
        2,
        [
            FactContract.Of<ProfileUpdated>(), FactContract.Of<ProfileMerged>(), FactContract.Of<ProfileDeleted>(), FactContract.Of<AudienceMembershipChanged>(), FactContract.Of<BehaviorTracked>(), FactContract.Of<LeadCreated>(), FactContract.Of<LeadEnriched>(),
            FactContract.Of<LeadScored>(), FactContract.Of<LeadQualified>(), FactContract.Of<AccountUpdated>(), FactContract.Of<OpportunityCreated>(), FactContract.Of<OpportunityStageChanged>(),
        ],
        "#");

    /// <summary>Both.</summary>
    public static IReadOnlyList<FactQueue> All { get; } = [Consents, Others];

    /// <summary>Most messages of a lane that are not acknowledged: one batch that is written and one that stands ready.</summary>
    public int Prefetch => Batch * 2;
}
