using BenchmarkDotNet.Attributes;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Hub;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Benchmarks.Mapping;

/// <summary>Twenty full Braze requests from profiles as the ledger keeps them, by the sample mapping.</summary>
public class BrazeBodies
{
    /// <summary>Profiles per operation.</summary>
    public const int Profiles = 20 * PerRequest;

    private const int PerRequest = 75;
    private static readonly int[] Everybody = [.. Enumerable.Range(0, PerRequest)];
    private readonly string[] _attributes = new string[Profiles];
    private readonly string[] _ids = new string[Profiles];
    private readonly string[] _emails = new string[Profiles];
    private readonly List<Unsendable> _unsendable = [];
    private DestinationMapping _mapping = null!;

    /// <summary>Compiles the mapping and makes the people.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var factories = new ServiceCollection().AddConnectors().BuildConnectorFactories();
        var configuration = new ConfigurationLoader(factories, new ConfigurationBuilder().Build(), _ => null).Load(ConfigurationLoader.SampleFolder).Configuration!;
        var braze = configuration.Destinations["braze"];
        _mapping = DestinationMapping.Compile(configuration.Mappings[braze.Mapping], factories.Single(factory => factory.Descriptor.Name == "braze").Descriptor, braze.IdentityKey, FieldPolicy.For(configuration, braze));
        for (var i = 0; i < Profiles; i++)
        {
            _ids[i] = $"c{i}";
            _emails[i] = $"person{i}@example.test";
            _attributes[i] =
                $$"""{"prefix":"MR.","first_name":"FIRST","last_name":"LAST{{i % 1000}}","date_of_birth":"04/08/1966","marital_status":"M","gender":"M","annual_income":"$90,000 ","total_children":"{{i % 6}}","education":"Bachelors","occupation":"Professional","home_owner":"Y"}""";
        }
    }

    /// <summary>Maps and writes.</summary>
    [Benchmark]
    public int MapAndWrite()
    {
        var bytes = 0;
        for (var first = 0; first < Profiles; first += PerRequest)
        {
            var items = new BatchItem[PerRequest];
            for (var i = 0; i < PerRequest; i++)
            {
                var mapped = _mapping.Map(new ProfileView(_ids[first + i], _emails[first + i], null, _attributes[first + i]));
                items[i] = new BatchItem { RecordId = first + i, Key = mapped.Key!, Fields = mapped.Fields };
            }

            var batch = new Batch { Operation = Operation.AddMember, Audience = new AudienceTarget("customers", "audience_customers"), Items = items };
            foreach (var request in BrazeMapper.Write(batch, Everybody, identityIsEmail: false, _unsendable))
            {
                bytes += request.Body.Length;
            }
        }

        return _unsendable.Count == 0 ? bytes : throw new InvalidOperationException("A sample profile cannot be sent.");
    }
}
