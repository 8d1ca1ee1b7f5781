using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Intake.OptOuts;

/// <summary>A vendor that tells what the test says of who opted out there.</summary>
internal sealed class TellingVendor(Func<OptOutQuestion, OptOutPage> tell) : IConnector, IOptOutFeed
{
    public const string Feed = "unsubscribes";

    public List<OptOutQuestion> Asked { get; } = [];

    public ConnectorDescriptor Descriptor => Acme.Descriptor;

    public IReadOnlyList<string> OptOutFeeds => [Feed];

    public Task<OptOutPage> ReadOptOutsAsync(OptOutQuestion question, CancellationToken cancellationToken)
    {
        Asked.Add(question);
        return Task.FromResult(tell(question));
    }

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken) => throw new NotSupportedException();
}
