using System.Collections;
using MassTransit;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

/// <summary>Every platform; the compliance suite runs on each.</summary>
internal sealed class Platforms : IEnumerable
{
    public IEnumerator GetEnumerator() => Enum.GetValues<Platform>().GetEnumerator();
}

/// <summary>Every platform with every way to serialize a saga.</summary>
internal sealed class Modes : IEnumerable
{
    public IEnumerator GetEnumerator()
    {
        foreach (var platform in Enum.GetValues<Platform>())
        {
            yield return new TestFixtureData(platform, ConcurrencyMode.Pessimistic);
            yield return new TestFixtureData(platform, ConcurrencyMode.Optimistic);
        }
    }
}
