using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Security;

/// <summary>A way out of this machine on which facts about people go readable, or to whoever answers.</summary>
/// <param name="To">What is at its end.</param>
/// <param name="Problem">What is wrong with it.</param>
/// <param name="Fix">What to set.</param>
internal sealed record PlainRoad(string To, string Problem, string Fix)
{
    private const string Readable = "is not encrypted";

    /// <summary>Those of a hub; pure.</summary>
    public static IEnumerable<PlainRoad> Find(HubOptions options)
    {
        if (options.Bus == BusKind.RabbitMq && Uri.TryCreate(options.RabbitMq, UriKind.Absolute, out var broker) && !broker.IsLoopback && !BrokerTls.IsAskedFor(broker))
        {
            yield return new PlainRoad("broker", Readable, "Begin Hub:RabbitMq with amqps://, and name the broker's authority in Hub:BrokerTls:Authorities where it is one of your own.");
        }

        var database = DatabaseRoads.Of(options.Database, options.ConnectionString);
        if (database != DatabaseRoad.Safe)
        {
            yield return new PlainRoad(
                "database",
                database switch { DatabaseRoad.Unsure => "is encrypted, and the hub does not make sure who answers", DatabaseRoad.Plain => Readable, _ => $"{Readable} where the server does without it" },
                "Add SSL Mode=VerifyFull to Hub:ConnectionString, and Root Certificate=FILE where the database's authority is one of your own.");
        }
    }
}
