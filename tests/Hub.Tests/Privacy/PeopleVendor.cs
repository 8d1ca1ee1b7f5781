using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>A vendor that holds people, some of them twice, and deletes them as the test says.</summary>
internal class PeopleVendor(params string[] people) : IConnector
{
    /// <summary>Keys of the profiles that it holds; a key twice is a duplicate.</summary>
    public List<string> People { get; } = [.. people];

    /// <summary>How often it was asked to delete.</summary>
    public int Asked { get; private set; }

    /// <summary>What it says of a key that it shall delete: null, and it is not mentioned.</summary>
    public Func<BatchItem, RecordOutcome?> Say { get; set; } = item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.Delivered };

    /// <summary>Whether it does what it says.</summary>
    public bool LetsGo { get; set; } = true;

    /// <summary>What is wrong with all of it, or null.</summary>
    public DestinationCondition? Trouble { get; set; }

    /// <summary>What happens when it is asked.</summary>
    public Action WhenAsked { get; set; } = () => { };

    public ConnectorDescriptor Descriptor => Acme.Descriptor;

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(Trouble);

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) => Task.FromResult(new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-1"), null));

    public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        Asked++;
        WhenAsked();
        if (Trouble is not null)
        {
            return Task.FromResult(new Receipt { Outcomes = [], Condition = Trouble });
        }

        List<RecordOutcome> said = [.. batch.Items.Select(Say).OfType<RecordOutcome>()];
        if (LetsGo)
        {
            People.RemoveAll(key => batch.Items.Any(item => item.Key == key && said.Exists(one => one.RecordId == item.RecordId && one.Outcome == Outcome.Delivered)));
        }

        return Task.FromResult(new Receipt { Outcomes = said });
    }
}
