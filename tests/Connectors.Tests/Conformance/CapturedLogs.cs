using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Connectors.Tests.Conformance;

/// <summary>Keeps every log line with its properties and exceptions, at every level.</summary>
internal sealed class CapturedLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IEnumerable<string> Lines => _lines;

    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        _lines.Enqueue(Text(state));
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _lines.Enqueue($"{formatter(state, exception)} {Text(state)} {exception}");

    private static string Text(object? state) => state is IEnumerable<KeyValuePair<string, object?>> properties
        ? string.Join(' ', properties.Select(property => $"{property.Key}={property.Value}"))
        : $"{state}";
}
