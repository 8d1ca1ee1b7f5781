using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>A vendor that keeps people, field by field, and remembers in which order it was read and written.</summary>
internal sealed class RememberingVendor : IConnector, IProfileReading
{
    private readonly Lock _lock = new();

    /// <summary>Values by person and field, as JSON.</summary>
    public Dictionary<string, Dictionary<string, string>> People { get; } = [];

    /// <summary>What it was asked, in order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>What it was sent.</summary>
    public List<Batch> Written { get; } = [];

    /// <summary>Called before a batch is applied.</summary>
    public Func<Batch, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>What is answered once a batch is applied.</summary>
    public Func<Batch, Receipt> Answer { get; set; } = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered))] };

    public ConnectorDescriptor Descriptor { get => AddsWith is null ? field : field with { AddsWith = AddsWith }; init; } = Acme.Descriptor;

    /// <summary>What a text begins with that it adds to what it has; null where it replaces everything.</summary>
    public char? AddsWith { get; set; }

    public int MaxKeysPerRead => 2;

    /// <summary>Keys that it cannot be asked for.</summary>
    public HashSet<string> Unaskable { get; } = [];

    public bool CanBeAskedFor(string key) => !Unaskable.Contains(key);

    /// <summary>What it has of a person in a field; null for nothing.</summary>
    public string? Value(string person, string field) => People.TryGetValue(person, out var has) && has.TryGetValue(field, out var json) ? JsonSerializer.Deserialize<string>(json) : null;

    /// <summary>Somebody else writes.</summary>
    public void Set(string person, string field, string value)
    {
        lock (_lock)
        {
            (People.TryGetValue(person, out var has) ? has : People[person] = [])[field] = JsonSerializer.Serialize(value);
        }
    }

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<DestinationCondition?>(null);

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-1"), null));

    public async Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        var clearance = batch.ClearanceFor(batch.Items.Select(item => item.RecordId));
        if (!await clearance.IsGivenAsync(cancellationToken))
        {
            return new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Withheld))] };
        }

        await BeforeWrite(batch);
        lock (_lock)
        {
            Asked.Add($"write {string.Join(',', batch.Items.Select(item => item.Key).Order())}");
            Written.Add(batch);
            foreach (var item in batch.Items.Where(item => !batch.UpdateOnly || People.ContainsKey(item.Key)))
            {
                var has = People.TryGetValue(item.Key, out var known) ? known : People[item.Key] = [];
                foreach (var field in item.Fields)
                {
                    if (field.Value.Kind == FieldKind.Null)
                    {
                        has.Remove(field.Name);
                    }
                    else
                    {
                        has[field.Name] = JsonSerializer.Serialize(Over(Value(item.Key, field.Name), field.Value.ToString()));
                    }
                }
            }
        }

        await clearance.EndAsync();
        return Answer(batch);
    }

    private string Over(string? before, string written) =>
        AddsWith is { } sign && written.StartsWith(sign) ? string.Join(sign, (before?.Split(sign) ?? []).Union(written[1..].Split(sign))) : written;

    public Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Asked.Add($"read {string.Join(',', keys.Order())}");
            Assert.That(keys.All(CanBeAskedFor));
            return Task.FromResult<IReadOnlyList<RemoteProfile>>(
                [.. keys.Where(People.ContainsKey).Select(key => new RemoteProfile(key, null, People[key].Where(field => fields.Contains(field.Key)).ToDictionary()))]);
        }
    }
}
